namespace IlgpuSpp.Data;

/// <summary>The detection set that the project draws for itself: one to five textured shapes of ten classes over clutter.</summary>
public static class ShapesScenes
{
    /// <summary>Images to train on by default.</summary>
    public const int TrainImages = 400;

    /// <summary>Images to test on by default.</summary>
    public const int TestImages = 150;

    private static readonly ShapesOptions Look = new() { MinSide = 96, MaxSide = 200 };

    /// <summary>The set, drawn when its images are asked for.</summary>
    /// <param name="train">Images to train on, at least 2.</param>
    /// <param name="test">Images to test on, at least 1; none of them is among the others.</param>
    /// <param name="seed">Seed: the same seed draws the same images.</param>
    public static (DetectionDataset Train, DetectionDataset Test) Create(int train, int test, ulong seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(train, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(test, 1);
        var source = new SceneSource(new ShapesSource(Look with { Seed = seed }), train + test);
        return (Part(source, 0, train), Part(source, train, test));
    }

    /// <summary>Writes the set as a VOC folder with the sets <c>trainval</c> and <c>test</c>.</summary>
    /// <param name="folder">The folder; created where missing. Files of the same names are replaced.</param>
    /// <param name="train">Images of <c>trainval</c>.</param>
    /// <param name="test">Images of <c>test</c>.</param>
    /// <param name="seed">Seed of the images.</param>
    /// <param name="cancellation">Stops the writing between files.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void WriteVoc(string folder, int train, int test, ulong seed = 1, CancellationToken cancellation = default)
    {
        (DetectionDataset trainSet, DetectionDataset testSet) = Create(train, test, seed);
        foreach (string part in (ReadOnlySpan<string>)["Annotations", "JPEGImages", Path.Combine("ImageSets", "Main")]) Directory.CreateDirectory(Path.Combine(folder, part));
        foreach ((string set, DetectionDataset data) in new[] { ("trainval", trainSet), ("test", testSet) })
        {
            for (int i = 0; i < data.Images.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                ImageWriter.WritePng(Path.Combine(folder, "JPEGImages", data.Images[i].Name + ".png"), data.Load(i));
                VocWriter.Annotation(data.Images[i], data.ClassNames, data.Images[i].Name + ".png").Save(Path.Combine(folder, "Annotations", data.Images[i].Name + ".xml"));
            }
            File.WriteAllLines(Path.Combine(folder, "ImageSets", "Main", set + ".txt"), data.Images.Select(image => image.Name));
        }
    }

    private static DetectionDataset Part(SceneSource source, int first, int count) => new("shapes", ShapesSource.ClassNames, [.. Enumerable.Range(first, count).Select(source.Describe)], source);

    private sealed class SceneSource(ShapesSource shapes, int count) : IImageSource
    {
        public int Count => count;

        public string NameOf(int index) => FormattableString.Invariant($"scene-{index:D6}");

        public RgbImage Load(int index) => shapes.DrawScene(index).Image;

        public AnnotatedImage Describe(int index)
        {
            ShapesScene scene = shapes.DrawScene(index);
            return new AnnotatedImage(NameOf(index), index, scene.Image.Width, scene.Image.Height, [.. scene.Objects.Select(item => new AnnotatedObject((int)item.Kind, Whole(item.Box)))]);
        }

        // The pixels that the outline touches.
        private static PixelBox Whole(PixelRegion region) =>
            new(Math.Floor(region.X), Math.Floor(region.Y), Math.Max(Math.Floor(region.X), Math.Ceiling(region.X + region.Width) - 1), Math.Max(Math.Floor(region.Y), Math.Ceiling(region.Y + region.Height) - 1));
    }
}
