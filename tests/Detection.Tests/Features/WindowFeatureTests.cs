using IlgpuSpp.Models;
using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Detection.Tests;

/// <summary>Features of windows, with and without the cache.</summary>
public sealed class WindowFeatureTests : WindowFeatureTest
{
    [Fact]
    public void WholeImageAsAWindow_IsTheNetworksOwnPyramid()
    {
        RgbImage image = Scene(0);
        int side = Math.Min(image.Width, image.Height);
        var features = new PooledWindowFeatures(_model, SmallDetection.Preparation, new WindowFeatureOptions { Scales = [side], TargetSide = 64 });
        using NetworkPass stem = features.Split.PlanStem(new Shape(1, image.Height, image.Width, 3));
        var input = new float[stem.Input.Count];
        SmallDetection.Preparation.WriteFull(image, false, input);
        stem.Input.Upload(input);
        stem.Forward();
        using Tensor expected = _backend.Allocate(new Shape(1, features.Length));
        _backend.PyramidForward(stem.Output, expected, null, features.Split.Pyramid);
        Assert.Equal(expected.ToArray(), Compute(features, image, Box(0, 0, image.Width - 1, image.Height - 1)));
    }

    [Fact]
    public void WindowsKeepTheirOrder()
    {
        RgbImage image = Scene(1);
        var features = new PooledWindowFeatures(_model, SmallDetection.Preparation, SmallDetection.Options.Features);
        PixelBox small = Box(3, 4, 20, 25), large = Box(0, 0, 80, 80), other = Box(30, 30, 47, 50);
        float[] all = Compute(features, image, small, large, other);
        foreach ((PixelBox box, int row) in new[] { (small, 0), (large, 1), (other, 2) })
            Assert.Equal(Compute(features, image, box), all.AsSpan(row * features.Length, features.Length).ToArray());
    }

    [Fact]
    public void WindowsArePooledAtTheScaleAskedFor()
    {
        RgbImage image = Scene(1);
        WindowFeatureOptions options = SmallDetection.Options.Features;
        var features = new PooledWindowFeatures(_model, SmallDetection.Preparation, options);
        PixelBox box = Box(3, 4, 40, 45);
        using IImageWindows windows = features.Open(image);
        using Tensor pooled = _backend.Allocate(new Shape(3, features.Length));
        Assert.Equal(2, windows.Scales);
        windows.Compute([box, box, box], [1, 0, 1], pooled);
        float[] all = pooled.ToArray();
        foreach ((int row, int scale) in new[] { (0, 1), (1, 0), (2, 1) })
        {
            var single = new PooledWindowFeatures(_model, SmallDetection.Preparation, options with { Scales = [options.Scales[scale]] });
            Assert.Equal(Compute(single, image, box), all.AsSpan(row * features.Length, features.Length).ToArray());
        }
        Assert.NotEqual(all.AsSpan(0, features.Length).ToArray(), all.AsSpan(features.Length, features.Length).ToArray());
    }

    // The release's rule on the golden vectors of its scales; the paper's by hand: 62x129 pixels of an image of 375 make 224² at 939.
    [Theory]
    [InlineData(ScaleRule.Side, 48, 240, 195, 371, 576)]
    [InlineData(ScaleRule.Side, 263, 211, 324, 339, 874)]
    [InlineData(ScaleRule.Area, 48, 240, 195, 371, 576)]
    [InlineData(ScaleRule.Area, 263, 211, 324, 339, 874)]
    [InlineData(ScaleRule.Side, 0, 0, 129, 129, 576)]
    [InlineData(ScaleRule.Area, 0, 0, 129, 129, 688)]
    public void ScalesAreChosenByTheRule(ScaleRule rule, int left, int top, int right, int bottom, int scale)
    {
        // 130x130 pixels: 208·375/130 = 600 is nearest to 576; areas of 199² and 239² at 576 and 688 are 10,300 and 6,800 away from 224².
        var options = new WindowFeatureOptions { Scales = [480, 576, 688, 874, 1200], ScaleRule = rule };
        Assert.Equal(scale, options.Scales[options.ScaleOf(Box(left, top, right, bottom), 375)]);
    }

    [Fact]
    public void CombinedScales_GiveTheLargestOfEachValue()
    {
        RgbImage image = Scene(1);
        WindowFeatureOptions options = SmallDetection.Options.Features;
        PixelBox[] boxes = [Box(3, 4, 40, 45), Box(0, 0, 70, 60)];
        float[][] single = [.. options.Scales.Select(scale => Compute(new PooledWindowFeatures(_model, SmallDetection.Preparation, options with { Scales = [scale] }), image, boxes))];
        var combined = new PooledWindowFeatures(_model, SmallDetection.Preparation, options with { Combination = ScaleCombination.Max });
        float[] strongest = Compute(combined, image, boxes);
        Assert.Equal(single[0].Zip(single[1], Math.Max), strongest);
        Assert.All(single, own => Assert.NotEqual(own, strongest));
        using IImageWindows windows = combined.Open(image);
        Assert.Equal(1, windows.Scales);
        // Windows are alike where they lie on the same responses at both scales.
        PixelBox[] near = [Box(10, 10, 50, 50), Box(10, 10, 50, 50.01), Box(10, 10, 50, 51), Box(10, 10, 50, 51)];
        int[][] alike = [.. options.Scales.Select(scale => Alike(new PooledWindowFeatures(_model, SmallDetection.Preparation, options with { Scales = [scale] }), image, near))];
        Assert.Equal(Enumerable.Range(0, 4).Select(i => Enumerable.Range(0, 4).First(j => alike.All(own => own[j] == own[i]))), windows.FirstAlike(near, new int[4]));
    }

    private static int[] Alike(PooledWindowFeatures features, RgbImage image, PixelBox[] boxes)
    {
        using IImageWindows windows = features.Open(image);
        return windows.FirstAlike(boxes, new int[boxes.Length]);
    }

    // A rule that takes responses up to 1.5 of 16 pixels outside sees more of a window.
    [Fact]
    public void TheWindowRule_DecidesWhichResponsesArePooled()
    {
        WindowFeatureOptions options = SmallDetection.Options.Features;
        PixelBox[] boxes = [.. Enumerable.Range(0, 8).Select(i => Box(i, i, 50 + i, 50 + i))];
        float[] release = Compute(new PooledWindowFeatures(_model, SmallDetection.Preparation, options), Scene(0), boxes);
        float[] paper = Compute(new PooledWindowFeatures(_model, SmallDetection.Preparation, options with { Rule = WindowRule.Paper }), Scene(0), boxes);
        // The first level is the maximum over all responses of a channel, and the release's are the paper's and more.
        int length = release.Length / boxes.Length, channels = length / 5;
        for (int i = 0; i < release.Length; i++) Assert.True(i % length >= channels || release[i] >= paper[i]);
        Assert.NotEqual(release, paper);
    }

    [Fact]
    public void Cache_GivesTheSameMapsAgain()
    {
        WindowFeatureOptions options = SmallDetection.Options.Features;
        string fingerprint = WindowFeatures.Fingerprint(_model, SmallDetection.Preparation, options);
        var cache = new FeatureMapCache(_folder["maps"], fingerprint);
        var cached = new PooledWindowFeatures(_model, SmallDetection.Preparation, options, cache);
        PixelBox[] boxes = [Box(0, 0, 50, 60), Box(9, 9, 30, 30)];
        float[] expected = Compute(new PooledWindowFeatures(_model, SmallDetection.Preparation, options), Scene(0), boxes);
        Assert.Equal(expected, Compute(cached, Scene(0), boxes));
        Assert.Equal(expected, Compute(cached, Scene(0), boxes));
        Assert.Equal((1, 1), (cache.Hits, cache.Misses));
    }

    [Fact]
    public void Cache_RefusesDamageAndOtherModels()
    {
        var cache = new FeatureMapCache(_folder["maps"], "one", logger: _warnings);
        (Shape, float[])[] maps = [(new Shape(1, 1, 2, 2), [1, 2, 3, 4])];
        cache.Write(Scene(0), maps);
        Assert.Equal([1, 2, 3, 4], Assert.Single(cache.Read(Scene(0))!).Values);
        Assert.Null(cache.Read(Scene(1)));
        string file = Assert.Single(Directory.GetFiles(_folder["maps"]));

        // Another model does not look for this file; put under its name, the hash inside gives it away.
        var other = new FeatureMapCache(_folder["maps"], "two", logger: _warnings);
        Assert.Null(other.Read(Scene(0)));
        other.Write(Scene(0), maps);
        string otherFile = Directory.GetFiles(_folder["maps"]).Single(path => path != file);
        File.Copy(file, otherFile, overwrite: true);
        Assert.Null(other.Read(Scene(0)));

        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Null(cache.Read(Scene(0)));
        File.WriteAllBytes(file, bytes[..40]);
        Assert.Null(cache.Read(Scene(0)));
        Assert.Equal(3, _warnings.Lines.Count);
    }

    [Fact]
    public void Cache_StaysWithinItsBound()
    {
        (Shape, float[])[] maps = [(new Shape(1, 8, 8, 4), new float[256])];
        var cache = new FeatureMapCache(_folder["maps"], "one", maximumBytes: 2500);
        for (int i = 0; i < 4; i++) cache.Write(Scene(i), maps);
        Assert.Equal(2, Directory.GetFiles(_folder["maps"]).Length);
        Assert.NotNull(cache.Read(Scene(3)));
        cache.Write(Scene(5), [(new Shape(1, 30, 30, 4), new float[3600])]);
        Assert.Null(cache.Read(Scene(5)));
    }

    [Fact]
    public void CacheThatCannotBeWritten_GivesItsRoomBack()
    {
        (Shape, float[])[] maps = [(new Shape(1, 1, 2, 2), [1, 2, 3, 4])];
        var cache = new FeatureMapCache(_folder["maps"], "one", logger: _warnings);
        cache.Write(Scene(0), maps);
        string first = Assert.Single(Directory.GetFiles(_folder["maps"]));
        cache.Write(Scene(1), maps);
        string second = Directory.GetFiles(_folder["maps"]).Single(path => path != first);
        // A folder in the file's place cannot be written to.
        File.Delete(second);
        Directory.CreateDirectory(second);
        cache.Write(Scene(1), maps);
        Assert.Contains("removed to leave room", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["maps"]));
        cache.Write(Scene(2), maps);
        Assert.Null(cache.Read(Scene(0)));
        Assert.Single(_warnings.Lines);
    }

    [Fact]
    public void Fingerprint_TellsStemsApart()
    {
        WindowFeatureOptions options = SmallDetection.Options.Features;
        string before = WindowFeatures.Fingerprint(_model, SmallDetection.Preparation, options);
        Parameter weight = _model.Network.Parameters[0];
        float[] values = weight.Value.ToArray();
        values[0] += 1e-3f;
        weight.Value.Upload(values);
        Assert.NotEqual(before, WindowFeatures.Fingerprint(_model, SmallDetection.Preparation, options));
    }
}
