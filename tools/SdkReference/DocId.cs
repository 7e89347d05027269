using System.Reflection;

namespace SdkReference;

/// <summary>The names by which the compiler's XML files call types and members.</summary>
internal static class DocId
{
    public static string Of(Type type) => "T:" + type.FullName!.Replace('+', '.');

    public static string Of(MemberInfo member)
    {
        var owner = member.DeclaringType!.FullName!.Replace('+', '.');
        return member switch
        {
            ConstructorInfo constructor => $"M:{owner}.#ctor{Parameters(constructor)}",
            MethodInfo method => $"M:{owner}.{method.Name}{(method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "")}{Parameters(method)}",
            PropertyInfo property => $"P:{owner}.{property.Name}",
            EventInfo raised => $"E:{owner}.{raised.Name}",
            _ => $"F:{owner}.{member.Name}",
        };
    }

    private static string Parameters(MethodBase method) =>
        method.GetParameters() is { Length: > 0 } parameters ? $"({string.Join(',', parameters.Select(parameter => NameOf(parameter.ParameterType)))})" : "";

    private static string NameOf(Type type)
    {
        if (type.IsByRef)
            return NameOf(type.GetElementType()!) + "@";
        if (type.IsArray)
            return NameOf(type.GetElementType()!) + "[]";
        if (type.IsGenericMethodParameter)
            return $"``{type.GenericParameterPosition}";
        if (type.IsGenericParameter)
            return $"`{type.GenericParameterPosition}";
        if (!type.IsGenericType)
            return type.FullName!.Replace('+', '.');
        var definition = type.GetGenericTypeDefinition().FullName!;
        return $"{definition[..definition.IndexOf('`', StringComparison.Ordinal)]}{{{string.Join(',', type.GetGenericArguments().Select(NameOf))}}}";
    }
}
