using System.Text;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Inference;
using IlgpuSpp.Reports;

namespace IlgpuSpp.Training.Tests.Features;

/// <summary>Files and pictures of features, against values worked out by hand.</summary>
public sealed class FeatureOutputTests : FolderTest
{
    [Fact]
    public void NpyHoldsItsHeaderAndTheValues()
    {
        using (var file = new FeatureFile(_folder["a.npy"]))
        {
            file.Write("one.jpg", 0, new FeatureArray(new Shape([2, 1, 2]), [1, -2, 3.5f, 4]));
            file.Write("t,wo.jpg", 1, new FeatureArray(new Shape([2, 1, 2]), [5, 6, 7, 8]));
            Assert.Throws<ArgumentException>(() => file.Write("three.jpg", 0, new FeatureArray(new Shape(4), [1, 2, 3, 4])));
            file.Complete();
        }
        byte[] bytes = File.ReadAllBytes(_folder["a.npy"]);
        // NumPy's format 1.0: magic, version, length of the header (little endian), header, data from a multiple of 64.
        Assert.Equal([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0], bytes[..8]);
        int header = bytes[8] + 256 * bytes[9];
        Assert.Equal(0, (10 + header) % 64);
        string text = Encoding.ASCII.GetString(bytes, 10, header);
        Assert.Equal("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 1, 2), }", text.TrimEnd());
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.Equal([1f, -2, 3.5f, 4, 5, 6, 7, 8], Enumerable.Range(0, (bytes.Length - 10 - header) / 4).Select(i => BitConverter.ToSingle(bytes, 10 + header + 4 * i)));
        Assert.Equal("file,view\none.jpg,0\n\"t,wo.jpg\",1\n", File.ReadAllText(_folder["a.files.csv"]));
    }

    [Fact]
    public void CsvAppearsOnlyWhenItIsComplete()
    {
        using (var file = new FeatureFile(_folder["a.csv"]))
        {
            file.Write("one.jpg", 0, new FeatureArray(new Shape(2), [0.1f, -2]));
            Assert.False(File.Exists(_folder["a.csv"]));
            file.Complete();
        }
        Assert.Equal(["file,view,f0,f1", "one.jpg,0,0.1,-2"], File.ReadAllLines(_folder["a.csv"]));
        using (var broken = new FeatureFile(_folder["b.csv"])) broken.Write("one.jpg", 0, new FeatureArray(new Shape(1), [1]));
        Assert.Equal(["a.csv"], Directory.GetFiles(_folder.Root).Select(Path.GetFileName));
        Assert.Throws<ArgumentException>(() => new FeatureFile(_folder["a.txt"]));
    }

    [Fact]
    public void FiltersKeepTheirStrongestImages()
    {
        var maxima = new FilterMaxima(keep: 2);
        // Maps of 1×2 with two channels.
        maxima.Add(0, new FeatureArray(new Shape([1, 2, 2]), [1, 9, 3, 0]));
        maxima.Add(1, new FeatureArray(new Shape([1, 2, 2]), [5, 2, 5, 4]));
        maxima.Add(2, new FeatureArray(new Shape([2, 1, 2]), [2, 9, 4, 1]));
        Assert.Equal([new FilterMaximum(1, 0, 0, 5), new FilterMaximum(2, 1, 0, 4)], maxima.Of(0));
        Assert.Equal([new FilterMaximum(0, 0, 0, 9), new FilterMaximum(2, 0, 0, 9)], maxima.Of(1));
        Assert.Equal([1, 0], maxima.ByStrength());
    }

    [Fact]
    public void PicturesPutResponsesWhereTheyLieInTheImage()
    {
        var field = new ReceptiveField(Stride: 4, Centre: 1, Size: 5);
        Assert.Equal(new PixelBox(7, 3, 11, 7), FeatureMapPictures.Seen(1, 2, field)); // centred at 1 + 4·2 and 1 + 4·1, two to each side

        var black = new RgbImage(12, 12);
        RgbImage heat = FeatureMapPictures.Heat(black, [0, 2], 1, 2, field);
        Assert.Equal((153, 153, 153), At(heat, 5, 0)); // response 1, the strongest: 3/5 of white
        Assert.Equal((0, 0, 4), At(heat, 1, 11)); // response 0: 3/5 of the darkest colour, blue 8
        Assert.Equal(At(heat, 5, 3), At(heat, 11, 3)); // beyond the last response

        RgbImage marked = FeatureMapPictures.Marked(black, 1, 2, field);
        Assert.Equal((255, 40, 160), At(marked, 7, 3));
        Assert.Equal((255, 40, 160), At(marked, 11, 7));
        Assert.Equal((0, 0, 0), At(marked, 9, 5));
        Assert.Equal((0, 0, 0), At(marked, 6, 3));
        Assert.Equal((0, 0, 0), At(black, 7, 3));

        // Centres at 1, 5 and 9 of 12 pixels: one in each third.
        Assert.Equal(["top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right"],
            Enumerable.Range(0, 9).Select(i => FeatureMapPictures.Place(black, i / 3, i % 3, field)));

        // Four channels of 1×2: a sheet of 2×2 tiles, 48×24 each with 2 pixels between.
        RgbImage sheet = FeatureMapPictures.ContactSheet(new FeatureArray(new Shape([1, 2, 4]), [0, 1, 2, 3, 1, 0, 2, 5]));
        Assert.Equal((2 + 2 * 50, 2 + 2 * 26), (sheet.Width, sheet.Height));
        Assert.Equal(((0, 0, 8), (255, 255, 255)), (At(sheet, 3, 3), At(sheet, 27, 3)));
        Assert.Equal(((255, 255, 255), (0, 0, 8)), (At(sheet, 53, 3), At(sheet, 77, 3)));
        Assert.Equal((0, 0, 8), At(sheet, 27, 29)); // a channel without differences

        static (int, int, int) At(RgbImage image, int x, int y) => (image.Pixels[(y * image.Width + x) * 3], image.Pixels[(y * image.Width + x) * 3 + 1], image.Pixels[(y * image.Width + x) * 3 + 2]);
    }
}
