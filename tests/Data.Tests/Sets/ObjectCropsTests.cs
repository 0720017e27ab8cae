using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Data.Tests;

/// <summary>Crops around objects for pre-training (the paper, section 4.5), and sets whose objects alone are learnt from.</summary>
public sealed class ObjectCropsTests : AnnotationTest
{
    // The object's left and right parts, one inside and one that a crop cannot hold half of.
    [Theory]
    [InlineData(2, 3, 9, 7, 0.5)]
    [InlineData(0, 0, 30, 5.5, 0.3)]
    [InlineData(20.25, 10.5, 8.75, 3, 1)]
    [InlineData(0, 0, 30, 20, 0.5)]
    public void Places_AreAllThatHoldTheShare_AndEquallyLikely(double x, double y, double width, double height, double share)
    {
        const int Width = 30, Height = 20, Crop = 12, Draws = 40_000;
        var options = new ObjectCropOptions { MinSide = 20, Crop = Crop, Share = share };
        var expected = new HashSet<(int, int)>();
        for (int top = 0; top + Crop <= Height; top++)
        {
            for (int left = 0; left + Crop <= Width; left++)
            {
                double across = Math.Min(left + Crop, x + width) - Math.Max(left, x), down = Math.Min(top + Crop, y + height) - Math.Max(top, y);
                if (across > 0 && down > 0 && across * down >= share * width * height) expected.Add((left, top));
            }
        }
        var found = new Dictionary<(int, int), int>();
        var random = new RandomStream(new RandomKey(5, 6, 7));
        for (int i = 0; i < Draws; i++)
        {
            if (!ObjectCrops.TryPlace(Width, Height, new PixelRegion(x, y, width, height), options, random, out PixelRegion place)) break;
            (int, int) key = ((int)place.X, (int)place.Y);
            found[key] = found.GetValueOrDefault(key) + 1;
        }
        Assert.Equal(expected.Order(), found.Keys.Order());
        // Six standard deviations of a count.
        double mean = (double)Draws / Math.Max(1, expected.Count);
        Assert.All(found.Values, count => Assert.InRange(count, mean - 6 * Math.Sqrt(mean), mean + 6 * Math.Sqrt(mean)));
    }

    [Fact]
    public void CropsOfDrawnScenes_HoldHalfOfAnObjectOfTheirClass()
    {
        DetectionDataset scenes = ShapesScenes.Create(12, 1).Train;
        var options = new ObjectCropOptions { MinSide = 160, Crop = 90, PerObject = 3, HeldOutShare = 0.25 };
        ObjectCropResult result = ObjectCrops.Write(scenes, _folder["crops"], options, threads: 2);
        ImageDataset crops = ImageDataset.Open(result.Manifest);
        Assert.Equal(result.Training, crops.Part(DatasetPart.Train).Count);
        Assert.Equal(result.Validation, crops.Part(DatasetPart.Validation).Count);
        Assert.True(result.Training > 0 && result.Validation > 0);
        var preparation = new InputPreparation { MinSide = 160, CropSize = 90 };
        var parts = new Dictionary<int, DatasetPart>();
        for (int i = 0; i < crops.Count; i++)
        {
            int image = int.Parse(Path.GetFileName(crops.Samples[i].Name).AsSpan(0, 6), System.Globalization.CultureInfo.InvariantCulture);
            // Images, not crops, are held out.
            Assert.Equal(parts.GetValueOrDefault(image, crops.Samples[i].Part), crops.Samples[i].Part);
            parts[image] = crops.Samples[i].Part;
            RgbImage whole = preparation.ResizeMinSide(scenes.Load(image));
            (int left, int top) = Find(whole, crops.Load(i));
            double across = (double)whole.Width / scenes.Images[image].Width, down = (double)whole.Height / scenes.Images[image].Height;
            double most = scenes.Images[image].Objects.Where(item => scenes.ClassNames[item.Label] == crops.ClassNames[crops.Samples[i].Label]).Max(item =>
            {
                double x = item.Box.Left * across, y = item.Box.Top * down, width = (item.Box.Right + 1) * across - x, height = (item.Box.Bottom + 1) * down - y;
                return Math.Max(0, Math.Min(left + 90, x + width) - Math.Max(left, x)) * Math.Max(0, Math.Min(top + 90, y + height) - Math.Max(top, y)) / (width * height);
            });
            Assert.InRange(most, 0.5 - 1e-9, 1 + 1e-9);
        }
        Assert.Equal(scenes.Images.Sum(image => image.Objects.Count), result.TooLarge + (result.Training + result.Validation) / 3);
    }

    [Fact]
    public void AnInterruptedRun_GoesOn_AndOthersAreRefused()
    {
        DetectionDataset scenes = ShapesScenes.Create(8, 1).Train;
        var options = new ObjectCropOptions { MinSide = 120, Crop = 80, PerObject = 1 };
        ObjectCrops.Write(scenes, _folder["whole"], options);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => ObjectCrops.Write(scenes, _folder["stopped"], options, progress: new Stop(stop), cancellation: stop.Token));
        Assert.False(File.Exists(_folder["stopped/crops.csv"]));
        Assert.Contains("something else", Assert.Throws<DatasetException>(() => ObjectCrops.Write(scenes, _folder["stopped"], options with { Seed = 2 })).Message, StringComparison.Ordinal);
        ObjectCrops.Write(scenes, _folder["stopped"], options, threads: 2);
        string[] files = [.. Directory.GetFiles(_folder["whole"], "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder["whole"], path)).Order(StringComparer.Ordinal)];
        Assert.Equal(files, Directory.GetFiles(_folder["stopped"], "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder["stopped"], path)).Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(_folder["whole/" + file]), File.ReadAllBytes(_folder["stopped/" + file])));
    }

    [Fact]
    public void ObjectsThatNoCropCanHold_AreCounted_OrRefusedWhereThereAreNoOthers()
    {
        // 300 pixels high, the crop 224: 75 % of the first object's height, a quarter of the second's area at most.
        AnnotatedImage[] images = [.. Enumerable.Range(0, 3).Select(i => new AnnotatedImage($"{i}", i, 400, 300, [new(0, new PixelBox(0, 0, 99, 299)), new(1, new PixelBox(0, 0, 399, 299))]))];
        var data = new DetectionDataset("set", ["narrow", "whole"], images, new MemoryImages([.. images.Select(_ => new RgbImage(400, 300))]));
        ObjectCropResult result = ObjectCrops.Write(data, _folder["crops"], new ObjectCropOptions { MinSide = 300 });
        Assert.Equal((3, 2 * 4, 4), (result.TooLarge, result.Training, result.Validation));
        string message = Assert.Throws<DatasetException>(() => ObjectCrops.Write(data, _folder["none"], new ObjectCropOptions { MinSide = 300, Share = 0.8 })).Message;
        Assert.Contains("holds 80 %", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ObjectsOfAnotherSet_AreMarkedAndNeverHeldOut()
    {
        DetectionDataset full = Set("full", ["dog", "cat"], 0, 1), more = Set("more", ["bird", "cat"], 1, 0, 1);
        DetectionDataset joined = full.WithObjectsOf(more, _warnings);
        Assert.Equal([false, false, true, true], joined.Images.Select(image => image.ObjectsOnly));
        Assert.Equal([0, 1, 1, 1], joined.Images.Select(image => image.Objects[0].Label));
        // The other set's second image shows a bird, which the first does not know.
        Assert.Equal([1, 1, 101, 103], Enumerable.Range(0, 4).Select(i => joined.Load(i).Width));
        Assert.Contains(_warnings.Lines, line => line.Contains("bird", StringComparison.Ordinal));
        Assert.NotEqual(full.Fingerprint(), joined.Fingerprint());
        for (ulong seed = 1; seed < 20; seed++)
        {
            (DetectionDataset train, DetectionDataset heldOut) = joined.Split(0.5, seed);
            Assert.Equal((3, 1), (train.Images.Count, heldOut.Images.Count));
            Assert.False(heldOut.Images[0].ObjectsOnly);
        }
        // Those in both sets are held out or not, never both.
        DetectionDataset again = full.WithObjectsOf(joined, _warnings);
        Assert.Equal(4, again.Images.Count);
        Assert.Contains(_warnings.Lines, line => line.Contains("2 images are among those", StringComparison.Ordinal));
        Assert.Contains("name another set", Assert.Throws<DatasetException>(() => full.WithObjectsOf(full)).Message, StringComparison.Ordinal);
        Assert.Contains("no object", Assert.Throws<DatasetException>(() => full.WithObjectsOf(Set("birds", ["bird"], 0))).Message, StringComparison.Ordinal);
    }

    private static DetectionDataset Set(string name, string[] classes, params int[] labels)
    {
        AnnotatedImage[] images = [.. labels.Select((label, i) => new AnnotatedImage($"{name}{i}", i, 9, 9, [new(label, new PixelBox(0, 0, 1, 1))]))];
        return new DetectionDataset(name, classes, images, new MemoryImages([.. images.Select((_, i) => new RgbImage(name == "more" ? 101 + i : 1, 1))]));
    }

    private static (int Left, int Top) Find(RgbImage whole, RgbImage part)
    {
        for (int top = 0; top + part.Height <= whole.Height; top++)
        {
            for (int left = 0; left + part.Width <= whole.Width; left++)
            {
                bool equal = true;
                for (int y = 0; equal && y < part.Height; y++) equal = whole.Row(top + y).Slice(3 * left, 3 * part.Width).SequenceEqual(part.Row(y));
                if (equal) return (left, top);
            }
        }
        throw new InvalidOperationException("The crop is not a part of the image.");
    }

    private sealed class Stop(CancellationTokenSource stop) : IProgress<int>
    {
        public void Report(int value)
        {
            if (value == 3) stop.Cancel();
        }
    }
}
