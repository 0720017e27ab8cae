using IlgpuSpp.Models;
using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Detection.Tests;

/// <summary>R-CNN's features: the crops of windows, and what the convolutions make of them.</summary>
public sealed class WarpedWindowFeatureTests : WindowFeatureTest
{
    private const int Side = 48, Batch = 16;

    private static readonly WindowFeatureOptions Plain = new() { Method = WindowMethod.Rcnn, TargetSide = Side, ContextPadding = 0 };

    // What the whole network says of a crop. Sums of passes with more or fewer images are made in another order, so that their number is that of a pass of crops.
    private float[] OfTheNetwork(RgbImage crop)
    {
        using NetworkPass pass = _model.Network.Plan(new Shape(Batch, Side, Side, 3), PassMode.Inference);
        var input = new float[pass.Input.Count];
        SmallDetection.Preparation.WriteFull(crop, false, input.AsSpan(0, Side * Side * 3));
        pass.Input.Upload(input);
        pass.Forward();
        return pass.Output.ToArray()[..pass.Output.Shape.RowLength];
    }

    // What its last layers say of a window's features.
    private float[] OfTheHead(RgbImage image, PixelBox box)
    {
        var features = new WarpedWindowFeatures(_model, SmallDetection.Preparation, Plain);
        using NetworkPass head = features.Split.PlanHead(Batch, features.Length);
        head.Input.Upload([.. Compute(features, image, box), .. new float[(Batch - 1) * features.Length]]);
        head.Forward();
        return head.Output.ToArray()[..head.Output.Shape.RowLength];
    }

    [Fact]
    public void AWindowOfTheCropsSize_IsSeenAsByTheWholeNetwork()
    {
        RgbImage image = Scene(0);
        var cut = new RgbImage(Side, Side);
        for (int y = 0; y < Side; y++) image.Row(20 + y).Slice(3 * 31, 3 * Side).CopyTo(cut.Row(y));
        Assert.Equal(OfTheNetwork(cut), OfTheHead(image, Box(31, 20, 31 + Side - 1, 20 + Side - 1)));
    }

    [Fact]
    public void TheWholeImageAsAWindow_IsTheImageResized()
    {
        RgbImage image = Scene(1);
        RgbImage resized = ImageResizer.Resize(image, Side, Side, SmallDetection.Preparation.Filter);
        Assert.Equal(OfTheNetwork(resized), OfTheHead(image, Box(0, 0, image.Width - 1, image.Height - 1)));
    }

    [Fact]
    public void FeaturesDoNotDependOnTheWindowsBeside()
    {
        RgbImage image = Scene(2);
        var features = new WarpedWindowFeatures(_model, SmallDetection.Preparation, WindowFeatureOptions.ForRcnn(Side));
        PixelBox[] boxes = [.. Enumerable.Range(0, 37).Select(i => Box(i, i / 2, i + 20 + i % 7, 40 + i))];
        float[] all = Compute(features, image, boxes);
        foreach (int row in (int[])[0, 1, 15, 16, 30, 36])
            Assert.Equal(Compute(features, image, boxes[row]), all.AsSpan(row * features.Length, features.Length).ToArray());
    }

    // By hand from R-CNN's rule: 16 pixels of 227 are context, so the crop shows the window enlarged by 227/195 around its middle.
    // Columns 100 to 294 (195 of them) show 84 to 310; rows 0 to 38 (39) show −3.2 to 42.2, rounded −3 to 42: 45 rows for 227 pixels, of which the first 3 (15.13) lie outside.
    [Fact]
    public void Context_IsThatOfRcnn() =>
        Assert.Equal(new WindowWarp(84, 0, 311, 42, 0, 15, 227, 227), WindowWarp.Of(Box(100, 0, 294, 38), 500, 375, 227, 16));

    // 20 columns at the right edge of 100 pixels, crop 40 with 10 of context: twice the window, 70 to 109, of which 10 are missing on the right: a quarter of the crop.
    [Fact]
    public void OutsideTheImage_IsTheMean()
    {
        var white = new RgbImage(100, 50);
        white.Pixels.AsSpan().Fill(255);
        WindowWarp warp = WindowWarp.Of(Box(80, 15, 99, 34), 100, 50, 40, 10);
        Assert.Equal(new WindowWarp(70, 5, 100, 45, 0, 0, 30, 40), warp);
        var input = new float[40 * 40 * 3];
        warp.Write(white, 40, new InputPreparation { Normalisation = InputNormalisation.Constant(128, 64) }, input);
        for (int i = 0; i < input.Length; i++) Assert.Equal(i / 3 % 40 < 30 ? (255 - 128) / 64f : 0, input[i]);
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(99, 49, 99, 49)]
    [InlineData(0, 0, 99, 0)]
    [InlineData(98.4, 0.3, 99, 48.9)]
    public void TheSmallestWindows_HaveCrops(double left, double top, double right, double bottom)
    {
        WindowWarp warp = WindowWarp.Of(Box(left, top, right, bottom), 100, 50, 227, 16);
        Assert.True(warp is { Left: >= 0, Top: >= 0, Right: <= 100, Bottom: <= 50, CropLeft: >= 0, CropTop: >= 0, CropRight: <= 227, CropBottom: <= 227 });
        Assert.True(warp.Right > warp.Left && warp.Bottom > warp.Top && warp.CropRight > warp.CropLeft && warp.CropBottom > warp.CropTop);
        var input = new float[227 * 227 * 3];
        warp.Write(new RgbImage(100, 50), 227, SmallDetection.Preparation, input);
        Assert.Contains(input, value => value == -2);
    }

    [Fact]
    public void Options_AreThoseOfRcnn()
    {
        WindowFeatureOptions paper = WindowFeatureOptions.ForRcnn(224), small = WindowFeatureOptions.ForRcnn(48);
        Assert.Equal((227, 16), (paper.TargetSide, paper.ContextPadding));
        Assert.Equal((48, 3), (small.TargetSide, small.ContextPadding));
        Assert.Throws<OptionsException>(() => (small with { ContextPadding = 24 }).Validate());
        // Without crops there is no context.
        new WindowFeatureOptions { TargetSide = 24 }.Validate();
        Assert.NotEqual(WindowFeatures.Fingerprint(_model, SmallDetection.Preparation, small), WindowFeatures.Fingerprint(_model, SmallDetection.Preparation, small with { ContextPadding = 4 }));
    }

    [Fact]
    public void Cache_GivesTheSameFeatures_AlsoOfDamagedFiles()
    {
        WindowFeatureOptions options = WindowFeatureOptions.ForRcnn(Side);
        PixelBox[] first = [Box(0, 0, 50, 60), Box(9, 9, 30, 30)], second = [Box(9, 9, 30, 30), Box(5, 0, 20, 20), Box(5, 0, 20, 20)];
        var plain = new WarpedWindowFeatures(_model, SmallDetection.Preparation, options);
        float[][] expected = [Compute(plain, Scene(0), first), Compute(plain, Scene(0), second)];
        IWindowFeatures Cached() => WindowFeatures.CreateCached(_model, SmallDetection.Preparation, options, _folder["maps"], 1 << 20, _warnings);
        void Check()
        {
            Assert.Equal(expected[0], Compute(Cached(), Scene(0), first));
            Assert.Equal(expected[1], Compute(Cached(), Scene(0), second));
        }
        Check();
        string file = Assert.Single(Directory.GetFiles(_folder["maps"]));
        byte[] good = File.ReadAllBytes(file);
        int record = 32 + 4 * plain.Length;
        Assert.Equal(32 + (4 + 2 * record + 32) + (4 + record + 32), good.Length);
        Check();
        Assert.Equal(good, File.ReadAllBytes(file));
        Assert.Empty(_warnings.Lines);
        foreach (int at in (int[])[0, 33, 70, 36 + 2 * record, good.Length - 1])
        {
            byte[] bad = [.. good];
            bad[at] ^= 4;
            File.WriteAllBytes(file, bad);
            Check();
            File.WriteAllBytes(file, good[..at]);
            Check();
        }
        Assert.NotEmpty(_warnings.Lines);
        Check();
    }

    [Fact]
    public void CacheThatCannotBeWritten_GivesItsRoomBack()
    {
        var features = new WarpedWindowFeatures(_model, SmallDetection.Preparation, Plain, new WindowFeatureCache(_folder["maps"], "one", 1 << 20, _warnings));
        float[] expected = Compute(features, Scene(0), Box(0, 0, 50, 60));
        string first = Assert.Single(Directory.GetFiles(_folder["maps"]));
        Compute(features, Scene(1), Box(0, 0, 50, 60));
        string second = Directory.GetFiles(_folder["maps"]).Single(path => path != first);
        // A folder in the file's place can be neither read nor written.
        File.Delete(second);
        Directory.CreateDirectory(second);
        Compute(features, Scene(1), Box(0, 0, 50, 60));
        Assert.Contains("removed to leave room", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["maps"]));
        Assert.Equal(expected, Compute(features, Scene(0), Box(0, 0, 50, 60)));
        Assert.Empty(Directory.GetFiles(_folder["maps"]));
    }

    [Fact]
    public void Cache_StaysWithinItsBound()
    {
        var features = new WarpedWindowFeatures(_model, SmallDetection.Preparation, Plain, new WindowFeatureCache(_folder["maps"], "one", 30_000, _warnings));
        for (int i = 0; i < 9; i++) Compute(features, Scene(i), Box(0, 0, 50, 60), Box(9, 9, 30, 30));
        FileInfo[] files = new DirectoryInfo(_folder["maps"]).GetFiles();
        Assert.InRange(files.Sum(file => file.Length), 1, 30_000);
        Assert.Single(_warnings.Lines);
    }
}
