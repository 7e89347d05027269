// Writes docs/sdk-reference.md out of the XML docs of the SDK's packages:
//   dotnet run -c Release --project tools/SdkReference -- docs/sdk-reference.md
using SdkReference;

if (args is not [var path])
{
    Console.Error.WriteLine("Give the file to write, such as docs/sdk-reference.md.");
    return 2;
}

await File.WriteAllTextAsync(path, Reference.Write());
return 0;
