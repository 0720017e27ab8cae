using System.Globalization;
using System.Text;
using IlgpuSpp.Detection.Tests;

namespace IlgpuSpp.Data.Tests;

/// <summary>Whatever annotation files hold, a reader gives a data set or a <see cref="DatasetException"/> in plain words; anything else fails the test.</summary>
public sealed class AnnotationFuzzTests : IDisposable
{
    private static readonly int Mutants = int.TryParse(Environment.GetEnvironmentVariable("ILGPUSPP_FUZZ"), CultureInfo.InvariantCulture, out int mutants) ? mutants : 300;

    private static readonly string[] Pieces = ["\0", "\"", ",", "\n", "<", ">", "&x;", "]]>", "{", "[", "null", "-1", "1e999", "99999999999999999999", "../", "..\\", "/etc/passwd", "ÿ", "\ud800", "true", "<!DOCTYPE a [<!ENTITY x 'y'>]>", "NaN", " ", ""];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("data.csv", "file,class,x1,y1,x2,y2,difficult\na.png,dog,1,1,5,5,0\nb.png,,,,,,\n\"a.png\",\"big, cat\",2.5,3,9,9,1\n")]
    [InlineData("data.json", """{"images":[{"id":1,"file_name":"a.png","width":6,"height":5},{"id":2,"file_name":"b.png"}],"annotations":[{"id":1,"image_id":1,"category_id":3,"bbox":[1,1,4,3],"iscrowd":0,"segmentation":[[1,2]]}],"categories":[{"id":3,"name":"dog"}]}""")]
    [InlineData("Annotations/a.xml", """<?xml version="1.0" encoding="utf-8"?><annotation><filename>a.png</filename><size><width>6</width><height>5</height></size><object><name>dog</name><difficult>0</difficult><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object></annotation>""")]
    [InlineData("ImageSets/Main/train.txt", "a\nb 1\n b.png\na -1\n")]
    [InlineData("manifest.csv", "file,class,split\na.png,dog,train\nb.png,cat,val\n")]
    public void Damaged_files_are_read_or_refused(string name, string text)
    {
        foreach (string image in (string[])["a.png", "b.png", "JPEGImages/a.png", "JPEGImages/b.png"]) _folder.Image(image);
        _folder.Text("Annotations/a.xml", "<annotation/>");
        _folder.Text("Annotations/b.xml", "<annotation/>");
        var random = new Random(5);
        int read = 0, refused = 0;
        for (int trial = 0; trial < Mutants; trial++)
        {
            _folder.Write(name, Mutate(Encoding.UTF8.GetBytes(text), random));
            try
            {
                if (name == "manifest.csv") CsvManifest.Open(_folder[name]);
                else if (name.Contains('/')) DetectionData.OpenAll(_folder.Path, new AnnotationOptions { Set = name.EndsWith(".txt", StringComparison.Ordinal) ? "train" : null }, new WarningList());
                else DetectionData.OpenAll(_folder[name], null, new WarningList());
                read++;
            }
            catch (DatasetException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                Assert.DoesNotContain("System.", error.Message, StringComparison.Ordinal);
                Assert.InRange(error.Message.Length, 1, 1000);
                refused++;
            }
        }
        // Almost any change breaks markup.
        Assert.True(read > 0 && refused > Mutants / 20, $"{read} read, {refused} refused");
    }

    private static byte[] Mutate(byte[] file, Random random)
    {
        byte[] damaged = [.. file];
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(damaged.Length), length = random.Next(0, Math.Min(12, damaged.Length - at));
            if (random.Next(3) == 0) damaged[at] = (byte)random.Next(256);
            else damaged = [.. damaged[..at], .. Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]), .. damaged[(at + length)..]];
            if (damaged.Length == 0) return damaged;
        }
        return damaged;
    }
}
