using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Training;

/// <summary>A window to learn from.</summary>
/// <param name="Box">The window in pixels of the image, mirrored with it.</param>
/// <param name="Label">Its class plus one; 0 for the background.</param>
/// <param name="Object">The object that it lies on, in the same pixels; unused for the background.</param>
/// <param name="Scale">The scale that it is pooled at.</param>
internal readonly record struct BatchWindow(PixelBox Box, int Label, PixelBox Object, int Scale);

/// <summary>An image of a minibatch with its windows.</summary>
/// <param name="Image">The image as it was read.</param>
/// <param name="Mirrored">Whether it is seen mirrored.</param>
/// <param name="Windows">Its windows.</param>
internal sealed record BatchImage(RgbImage Image, bool Mirrored, IReadOnlyList<BatchWindow> Windows);

/// <summary>Draws the windows of a minibatch from one image (Fast R-CNN, section 2.3).</summary>
internal static class WindowMinibatch
{
    /// <summary>Whether an image has windows to draw.</summary>
    public static bool Any(IReadOnlyList<TrainingWindow> windows, EndToEndOptions options) => windows.Any(window => window.Overlap >= options.BackgroundOverlap);

    /// <summary>
    /// Draws windows: the share asked for on objects, or as many as there are, the others from the background. No window is drawn twice unless there are too few:
    /// a fixed number keeps the statistics of normalised layers free of padding.
    /// </summary>
    /// <param name="windows">The image's windows, one at least to choose.</param>
    /// <param name="count">Windows wanted.</param>
    /// <param name="options">Overlaps and share.</param>
    /// <param name="random">The draw.</param>
    /// <returns>Windows on objects first.</returns>
    public static IReadOnlyList<TrainingWindow> Draw(IReadOnlyList<TrainingWindow> windows, int count, EndToEndOptions options, RandomStream random)
    {
        TrainingWindow[] objects = [.. windows.Where(window => window.Overlap >= options.ForegroundOverlap)];
        TrainingWindow[] background = [.. windows.Where(window => window.Overlap >= options.BackgroundOverlap && window.Overlap < options.ForegroundOverlap)];
        random.Shuffle<TrainingWindow>(objects);
        random.Shuffle<TrainingWindow>(background);
        int foreground = background.Length == 0 ? count : Math.Min((int)Math.Round(options.ForegroundShare * count), objects.Length);
        var result = new TrainingWindow[count];
        for (int i = 0; i < count; i++) result[i] = i < foreground ? objects[i % objects.Length] : background[(i - foreground) % background.Length];
        return result;
    }

    /// <summary>Draws the windows of an image, their scales, and whether the image is mirrored.</summary>
    public static BatchImage Draw(RgbImage image, AnnotatedImage annotated, IReadOnlyList<TrainingWindow> windows, int count, PooledWindowFeatures features, EndToEndOptions options, RandomStream random)
    {
        bool mirrored = options.Flips && random.NextInt(2) == 1;
        int scale = random.NextInt(features.Options.Scales.Length);
        IReadOnlyList<TrainingWindow> drawn = Draw(windows, count, options, random);
        int[] scaleOf = options.Scale == TrainingScale.Best
            ? features.BestScales(image.Width, image.Height, [.. drawn.Select(window => window.Box)])
            : [.. Enumerable.Repeat(scale, count)];
        var result = new BatchWindow[count];
        for (int i = 0; i < count; i++)
        {
            TrainingWindow window = drawn[i];
            bool onObject = window.Overlap >= options.ForegroundOverlap;
            AnnotatedObject? item = onObject ? annotated.Objects[window.Object] : null;
            PixelBox box = window.Box, target = item?.Box ?? box;
            if (mirrored) (box, target) = (Mirroring.Mirror(box, image.Width), Mirroring.Mirror(target, image.Width));
            result[i] = new BatchWindow(box, item is null ? 0 : item.Label + 1, target, scaleOf[i]);
        }
        return new BatchImage(image, mirrored, result);
    }
}
