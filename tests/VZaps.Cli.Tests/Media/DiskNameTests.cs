using System.Text;
using VZaps.Cli.Media;
using Xunit;

namespace VZaps.Cli.Tests.Media;

public sealed class DiskNameTests
{
    [Theory]
    [InlineData("orçamento.pdf", "orçamento.pdf")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Users\\me\\a.pdf", "a.pdf")]
    [InlineData("...a.pdf. . ", "a.pdf")]
    [InlineData(null, "med_1")]
    [InlineData("..", "med_1")]
    [InlineData("a/", "med_1")]
    [InlineData("a\u001b[31m.pdf", "med_1")]
    [InlineData("a\0b", "med_1")]
    [InlineData("CON", "med_1")]
    [InlineData("nul.txt", "med_1")]
    [InlineData("Com1.tar.gz", "med_1")]
    [InlineData("LPT\u00b9 .x", "med_1")]
    [InlineData("conin$", "med_1")]
    [InlineData("COM12.txt", "COM12.txt")]
    [InlineData("console.log", "console.log")]
    public void A_senders_word_becomes_a_name_in_the_folder(string? given, string expected) => Assert.Equal(expected, DiskName.Of(given, "med_1"));

    [Theory]
    [InlineData("请", 150, ".pdf")]
    [InlineData("😀", 100, ".jpeg")]
    [InlineData("ж", 200, "")]
    [InlineData("a", 300, ".tar.gz")]
    public void One_that_is_too_long_for_a_disk_is_cut_between_characters_and_keeps_its_ending(string character, int count, string ending)
    {
        var name = DiskName.Of(string.Concat(Enumerable.Repeat(character, count)) + ending, "med_1");
        var last = Path.GetExtension(ending);
        Assert.InRange(Encoding.UTF8.GetByteCount(name), DiskName.MaxBytes - 3, DiskName.MaxBytes);
        Assert.EndsWith(last, name, StringComparison.Ordinal);
        Assert.Equal("", name[..^last.Length].Replace(character, "", StringComparison.Ordinal));
    }

    [Fact]
    public void What_looks_like_an_ending_and_is_most_of_the_name_is_cut_like_all_of_it()
    {
        var name = DiskName.Of("a." + new string('b', 400), "med_1");
        Assert.Equal("a." + new string('b', DiskName.MaxBytes - 2), name);
    }
}
