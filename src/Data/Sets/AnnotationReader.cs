using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data;

/// <summary>An image as an annotation file describes it, before its file has been looked at.</summary>
/// <param name="Name">Its name in the data set.</param>
/// <param name="File">Its file, relative to the data folder; null where there is none.</param>
/// <param name="Width">Width that the annotation gives; 0 where it does not say.</param>
/// <param name="Height">Height that the annotation gives; 0 where it does not say.</param>
/// <param name="Objects">The objects, their boxes as they stand, each with the place to name in warnings.</param>
internal sealed record ReadImage(string Name, string? File, int Width, int Height, IReadOnlyList<(AnnotatedObject Object, string Place)> Objects)
{
    /// <summary>Its id, where the format has ids.</summary>
    public string? Id { get; init; }

    /// <summary>The sets of the data set that it is listed in.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    /// <summary>Whether the edges of the boxes are shares of the image's sides instead of pixels.</summary>
    public bool IsRelative { get; init; }
}

/// <summary>
/// What all formats of annotations share: the annotated size must be that of the image, boxes of the stored image are turned with it, and
/// boxes are clipped to the image, with a word on all that had to be mended or left out.
/// </summary>
internal static class AnnotationReader
{
    // A box drawn to the edge of the continuous image may reach half a pixel past its last pixel.
    private const double Slack = 0.51;

    private const double MaxOtherSizes = 0.1;

    /// <summary>Tells in one line of the images that a file names and that are not there.</summary>
    /// <exception cref="DatasetException">None is left.</exception>
    public static void CheckMissing(DataFiles files, string path, string root, int there, IReadOnlyList<string> missing, ILogger logger)
    {
        if (there == 0)
            throw new DatasetException(path, files.HasFolder(root) ? $"names no image that exists in {root}; name the folder of the images." : $"has its images in {root}, but there is no such folder; name the folder of the images.");
        if (missing.Count > 0)
            logger.LogWarning("{Path}: {Missing} of {Count} images are not in {Root} and are left out, {First} the first of them.", path, missing.Count, there + missing.Count, root, missing[0]);
    }

    /// <summary>Builds the data set.</summary>
    /// <exception cref="DatasetException">No image is left, or more than a tenth have other sizes than annotated.</exception>
    public static DetectionDataset Build(DataFiles files, string path, string root, IReadOnlyList<string> classNames, IReadOnlyList<ReadImage> found, AnnotationOptions options, ILogger logger)
    {
        ImageHeader?[] headers = [.. found.Select(image => Header(files, root, image))];
        bool[] stored = FramesOf(path, found, headers, options.Boxes, logger);
        HashSet<int> other = options.NeedBoxes ? OfOtherSizes(path, found, headers, stored, logger) : [];
        var names = new List<string>();
        var images = new List<AnnotatedImage>();
        for (int i = 0; i < found.Count; i++)
        {
            if (other.Contains(i)) continue;
            ReadImage image = found[i];
            (int Width, int Height)? size = headers[i]?.Upright ?? (image is { Width: > 0, Height: > 0 } ? (image.Width, image.Height) : image is { File: null, IsRelative: false } ? Extent(image) : null);
            if (size is not { } sides)
            {
                logger.LogWarning("{Path}: the annotation of {Name} gives no size and the image cannot be read; it is left out.", path, image.Name);
                continue;
            }
            var objects = new List<AnnotatedObject>();
            foreach ((AnnotatedObject item, string place) in image.Objects)
            {
                (int width, int height) = stored[i] ? (headers[i]!.Value.Width, headers[i]!.Value.Height) : sides;
                PixelBox read = image.IsRelative ? InPixels(item.Box, width, height) : item.Box;
                if (Inside(read, width, height, place, logger) is { } box)
                    objects.Add(item with { Box = stored[i] ? Turned(box, headers[i]!.Value) : box });
            }
            images.Add(new AnnotatedImage(image.Name, names.Count, sides.Width, sides.Height, objects) { Id = image.Id, Sets = image.Sets });
            names.Add(image.File ?? image.Name);
        }
        if (images.Count == 0) throw new DatasetException(path, "has no annotated image that can be read.");
        return new DetectionDataset(path, classNames, images, new FileImageSource(files, root, names, logger: logger));
    }

    /// <summary>A box of a stored image in the image turned upright.</summary>
    internal static PixelBox Turned(PixelBox box, ImageHeader image)
    {
        double right = image.Width - 1, bottom = image.Height - 1;
        return image.Orientation switch
        {
            2 => new PixelBox(right - box.Right, box.Top, right - box.Left, box.Bottom),
            3 => new PixelBox(right - box.Right, bottom - box.Bottom, right - box.Left, bottom - box.Top),
            4 => new PixelBox(box.Left, bottom - box.Bottom, box.Right, bottom - box.Top),
            5 => new PixelBox(box.Top, box.Left, box.Bottom, box.Right),
            6 => new PixelBox(bottom - box.Bottom, box.Left, bottom - box.Top, box.Right),
            7 => new PixelBox(bottom - box.Bottom, right - box.Right, bottom - box.Top, right - box.Left),
            8 => new PixelBox(box.Top, right - box.Right, box.Bottom, right - box.Left),
            _ => box,
        };
    }

    // The digits behind a millionth of a pixel are those of the division, not of whoever drew the box.
    private static PixelBox InPixels(PixelBox share, int width, int height) => AnnotationValues.Touched(
        Math.Round(share.Left * width, 6), Math.Round(share.Top * height, 6), Math.Round(share.Right * width, 6), Math.Round(share.Bottom * height, 6));

    // Damage shows when the image is decoded; here only its size is wanted.
    private static ImageHeader? Header(DataFiles files, string root, ReadImage image)
    {
        try
        {
            return image.File is null ? null : files.ReadHeader(Path.Combine(root, image.File));
        }
        catch (Exception error) when (error is DataFormatException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // For every image, whether its boxes are those of the image as stored. The annotated size tells where the sides are exchanged; the rest
    // are taken for what all those are that can be told, else for upright.
    private static bool[] FramesOf(string path, IReadOnlyList<ReadImage> found, ImageHeader?[] headers, BoxFrame frame, ILogger logger)
    {
        bool?[] told = new bool?[found.Count];
        var open = new List<int>();
        for (int i = 0; i < found.Count; i++)
        {
            if (headers[i] is not { Orientation: > 1 } header) told[i] = false;
            else if (frame != BoxFrame.Automatic) told[i] = frame == BoxFrame.Raw;
            else if (header.Upright != (header.Width, header.Height) && (found[i].Width, found[i].Height) == (header.Width, header.Height)) told[i] = true;
            else if (header.Upright != (header.Width, header.Height) && (found[i].Width, found[i].Height) == header.Upright) told[i] = false;
            else if (found[i].Objects.Count > 0) open.Add(i);
        }
        int[] turned = [.. Enumerable.Range(0, found.Count).Where(i => headers[i] is { Orientation: > 1 } && told[i] is not null)];
        bool others = turned.Length > 0 && turned.All(i => told[i] == true);
        if (open.Count > 0)
            logger.LogWarning("{Path}: {Count} images are turned by their EXIF orientation, {First} the first of them, and nothing says whether their boxes are those of the image as stored; they are taken for boxes of the {Frame} image.", path, open.Count, found[open[0]].Name, others ? "stored" : "upright");
        return [.. told.Select(value => value ?? others)];
    }

    // Boxes of an image that is not the one annotated lie anywhere. A few such images are left out; many are a fault of the whole.
    private static HashSet<int> OfOtherSizes(string path, IReadOnlyList<ReadImage> found, ImageHeader?[] headers, bool[] stored, ILogger logger)
    {
        HashSet<int> other = [.. Enumerable.Range(0, found.Count).Where(i => found[i] is { Width: > 0, Height: > 0 } image && headers[i] is { } header
            && (image.Width, image.Height) != (stored[i] ? (header.Width, header.Height) : header.Upright))];
        foreach (int i in other)
        {
            ImageHeader size = headers[i]!.Value;
            bool swapped = (found[i].Width, found[i].Height) == (size.Upright.Height, size.Upright.Width);
            string exif = size.Orientation > 1 ? FormattableString.Invariant($" ({size.Width}x{size.Height} as stored, turned by the EXIF orientation {size.Orientation})") : "";
            string words = FormattableString.Invariant($"the image {found[i].Name} has {size.Upright.Width}x{size.Upright.Height} pixels{exif}, but its annotation speaks of {found[i].Width}x{found[i].Height}{(swapped ? ", its sides exchanged" : "")}");
            if (other.Count > MaxOtherSizes * found.Count)
                throw new DatasetException(path, FormattableString.Invariant($"{words}; {other.Count} images of {found.Count} are like this; mend the annotations{(exif.Length > 0 ? ", or say of which image the boxes are, raw or upright" : "")}."));
            logger.LogWarning("{Path}: {Words}; it is left out.", path, words);
        }
        return other;
    }

    private static (int Width, int Height) Extent(ReadImage image) => image.Objects.Count == 0
        ? (1, 1)
        : ((int)Math.Clamp(image.Objects.Max(item => item.Object.Box.Right) + 1, 1, int.MaxValue), (int)Math.Clamp(image.Objects.Max(item => item.Object.Box.Bottom) + 1, 1, int.MaxValue));

    // The box inside the image, or null where it is no box or lies outside altogether; both with a warning.
    private static PixelBox? Inside(PixelBox box, int width, int height, string place, ILogger logger)
    {
        if (box.Right < box.Left || box.Bottom < box.Top)
        {
            logger.LogWarning("{Place}: the box {Box} has no pixels; it is left out.", place, Text(box));
            return null;
        }
        var inside = new PixelBox(Math.Max(box.Left, 0), Math.Max(box.Top, 0), Math.Min(box.Right, width - 1), Math.Min(box.Bottom, height - 1));
        if (inside.Left > inside.Right || inside.Top > inside.Bottom)
        {
            logger.LogWarning("{Place}: the box {Box} lies outside the image of {Width}x{Height} pixels; it is left out.", place, Text(box), width, height);
            return null;
        }
        if (box.Left < -Slack || box.Top < -Slack || box.Right > width - 1 + Slack || box.Bottom > height - 1 + Slack)
            logger.LogWarning("{Place}: the box {Box} reaches out of the image of {Width}x{Height} pixels; it is clipped.", place, Text(box), width, height);
        return inside;
    }

    // Counted from 1, as the user finds it in the file.
    private static string Text(PixelBox box) => FormattableString.Invariant($"{box.Left + 1},{box.Top + 1},{box.Right + 1},{box.Bottom + 1}");
}
