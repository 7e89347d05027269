using System.Reflection;

namespace SdkReference;

/// <summary>Types and members as C# writes them, shortened: no modifiers that say nothing to a reader.</summary>
internal static class Signature
{
    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(byte)] = "byte",
        [typeof(int)] = "int", [typeof(long)] = "long", [typeof(double)] = "double", [typeof(uint)] = "uint", [typeof(ulong)] = "ulong", [typeof(char)] = "char",
    };

    /// <summary>The name with its type parameters.</summary>
    public static string TypeName(Type type) => Write(type, null);

    public static string Of(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            _ => "class",
        };
        return type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum)
            ? $"{kind} {TypeName(type)} : {TypeName(parent)}"
            : $"{kind} {TypeName(type)}";
    }

    public static string Of(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"{Bare(constructor.DeclaringType!)}({Parameters(constructor)})",
        MethodInfo method => $"{Static(method)}{Write(method.ReturnType, Nullability.Create(method.ReturnParameter))} {method.Name}{TypeParameters(method)}({Parameters(method)})",
        PropertyInfo property => $"{Static(property.GetMethod!)}{Write(property.PropertyType, Nullability.Create(property))} {property.Name} {{ {Accessors(property)} }}",
        EventInfo raised => $"event {Write(raised.EventHandlerType!, null)} {raised.Name}",
        FieldInfo field => $"const {Write(field.FieldType, null)} {field.Name}",
        _ => member.Name,
    };

    private static string Static(MethodInfo method) => method.IsStatic ? "static " : "";

    private static string TypeParameters(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private static string Accessors(PropertyInfo property)
    {
        if (property.SetMethod is not { IsPublic: true } set)
            return "get;";
        var isInit = set.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit");
        return isInit ? "get; init;" : "get; set;";
    }

    private static string Parameters(MethodBase method)
    {
        var isExtension = method.IsDefined(typeof(System.Runtime.CompilerServices.ExtensionAttribute), inherit: false);
        return string.Join(", ", method.GetParameters().Select((parameter, index) =>
            (isExtension && index == 0 ? "this " : "") + (parameter.IsDefined(typeof(ParamArrayAttribute), inherit: false) ? "params " : "")
            + $"{Write(parameter.ParameterType, Nullability.Create(parameter))} {parameter.Name}{Default(parameter)}"));
    }

    private static string Default(ParameterInfo parameter) => !parameter.HasDefaultValue ? "" : parameter.DefaultValue switch
    {
        null when parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null => " = default",
        null => " = null",
        bool flag => flag ? " = true" : " = false",
        string text => $" = \"{text}\"",
        var value => $" = {value}",
    };

    private static string Bare(Type type) => type.Name.Split('`')[0];

    private static string Write(Type type, NullabilityInfo? info)
    {
        if (type.IsByRef)
            return "out " + Write(type.GetElementType()!, info);
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Write(underlying, null) + "?";
        var mark = info?.ReadState == NullabilityState.Nullable && !type.IsValueType ? "?" : "";
        if (type.IsArray)
            return $"{Write(type.GetElementType()!, info?.ElementType)}[]{mark}";
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword + mark;
        if (!type.IsGenericType)
            return type.Name + mark;
        var arguments = type.GetGenericArguments().Select((argument, index) =>
            Write(argument, index < (info?.GenericTypeArguments.Length ?? 0) ? info!.GenericTypeArguments[index] : null));
        return $"{Bare(type)}<{string.Join(", ", arguments)}>{mark}";
    }
}
