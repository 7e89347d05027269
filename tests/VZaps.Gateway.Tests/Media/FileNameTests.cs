using VZaps.Gateway.Media;
using Xunit;

namespace VZaps.Gateway.Tests.Media;

public sealed class FileNameTests
{
    [Theory]
    [InlineData("orçamento São João.pdf", "orçamento São João.pdf")]
    [InlineData("عرض الأسعار.pdf", "عرض الأسعار.pdf")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Windows\\win.ini", "win.ini")]
    [InlineData("a\r\nSet-Cookie: x=y.txt", "aSet-Cookie: x=y.txt")]
    [InlineData("photo\u202egpj.exe", "photogpj.exe")]
    [InlineData("می\u200cخواهم.txt", "می\u200cخواهم.txt")]
    [InlineData("  report.  ", "report")]
    [InlineData("..", null)]
    [InlineData("/", null)]
    [InlineData("", null)]
    [InlineData("\u0000", null)]
    [InlineData(null, null)]
    public void A_name_has_no_folder_and_nothing_that_is_not_seen(string? given, string? clean) => Assert.Equal(clean, FileNames.Clean(given));

    [Fact]
    public void A_name_that_is_too_long_keeps_its_ending()
    {
        var clean = FileNames.Clean(new string('é', 500) + ".pdf")!;
        Assert.Equal(FileNames.MaxLength, clean.Length);
        Assert.EndsWith("é.pdf", clean, StringComparison.Ordinal);
        Assert.Equal(FileNames.MaxLength - 1, FileNames.Clean("a" + string.Concat(Enumerable.Repeat("👍", 100)))!.Length);
    }

    [Theory]
    [InlineData("orçamento.pdf", "inline; filename=\"or_amento.pdf\"; filename*=UTF-8''or%C3%A7amento.pdf")]
    [InlineData("a\"b;c%d.txt", "inline; filename=\"a_b_c_d.txt\"; filename*=UTF-8''a%22b%3Bc%25d.txt")]
    [InlineData("عرض", "inline; filename=\"___\"; filename*=UTF-8''%D8%B9%D8%B1%D8%B6")]
    public void The_header_has_the_name_for_old_clients_and_for_new_ones(string name, string header) => Assert.Equal(header, FileNames.Disposition(isInline: true, name));

    [Theory]
    [InlineData("kq5sNclPz7QV2+lfQIuc6R7oRu0=", null)]
    [InlineData("AAA=", null)]
    [InlineData("no hash", null)]
    [InlineData(null, null)]
    [InlineData("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void A_hash_is_read_in_hex_and_in_base64(string? given, string? hash) => Assert.Equal(hash, ExpectedHash.Read(given));
}
