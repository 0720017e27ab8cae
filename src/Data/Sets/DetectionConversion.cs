namespace IlgpuSpp.Data;

/// <summary>A format that data sets with boxes are written in.</summary>
public enum BoxFormat
{
    /// <summary>A folder in VOC's layout.</summary>
    Voc,

    /// <summary>COCO's JSON beside a folder of images.</summary>
    Coco,

    /// <summary>YOLO's description, label files and images.</summary>
    Yolo,

    /// <summary>CSV with a line an object beside a folder of images.</summary>
    Csv,
}

/// <summary>What came of a conversion.</summary>
/// <param name="Paths">What to name to read the outcome: one path, or one a set where sets are files.</param>
/// <param name="Images">Images written.</param>
/// <param name="Objects">Objects in them.</param>
/// <param name="Losses">What the format has no word for, counted, one sentence a flag.</param>
public sealed record ConversionResult(IReadOnlyList<string> Paths, int Images, int Objects, IReadOnlyList<string> Losses);

/// <summary>Writes data sets with boxes in other formats: the images' files as they are, the boxes of the upright image, and the flags that the format knows.</summary>
public static class DetectionConversion
{
    private const string KeyFile = "convert.key";

    /// <summary>Writes a data set. The same call again goes on where it was interrupted.</summary>
    /// <param name="data">The data set, from files.</param>
    /// <param name="format">How to write it.</param>
    /// <param name="folder">Where; created where missing, else empty or begun by the same call.</param>
    /// <param name="progress">Receives the number of images written.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <exception cref="DatasetException">The folder holds something else, or the images are not files.</exception>
    /// <exception cref="DataFormatException">An image in an archive cannot be read.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ConversionResult Write(DetectionDataset data, BoxFormat format, string folder, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        IAnnotationWriter writer = format switch
        {
            BoxFormat.Voc => new VocWriter(),
            BoxFormat.Coco => new CocoWriter(),
            BoxFormat.Yolo => new YoloWriter(),
            BoxFormat.Csv => new BoxTableWriter(),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format."),
        };
        BegunFolder.Begin(folder, KeyFile, $"{format}\n{data.Name}\n{data.Fingerprint()}", "what the same conversion began");
        Directory.CreateDirectory(Path.Combine(folder, writer.ImageFolder));
        string[] files = new string[data.Images.Count];
        var stems = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < files.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using Stream image = data.OpenFile(i, out string name) ?? throw new DatasetException(data.Name, "has images that are no files.");
            files[i] = Unique(stems, name, image);
            string target = Path.Combine(folder, writer.ImageFolder, files[i]);
            // Files appear whole, so that one of this length is the one.
            if (new FileInfo(target) is not { Exists: true } there || there.Length != image.Length) AtomicFile.Write(target, image.CopyTo, durable: false);
            progress?.Report(i + 1);
        }
        IReadOnlyList<string> paths = writer.Write(folder, data, files);
        File.Delete(Path.Combine(folder, KeyFile));
        AnnotatedObject[] objects = [.. data.Images.SelectMany(image => image.Objects)];
        return new ConversionResult(paths, files.Length, objects.Length, [.. writer.Losses(new FlagCounts(objects.Count(item => item.Difficult), objects.Count(item => item.Crowd), objects.Count(item => item.Truncated)))]);
    }

    // Annotations are found by the name without its ending, on some disks in any case. A name without an image's ending gets that of its content.
    private static string Unique(HashSet<string> stems, string name, Stream image)
    {
        string stem = AnnotationValues.WithoutExtension(name), extension = name[stem.Length..], free = stem;
        if (extension.Length == 0)
        {
            byte[] head = new byte[32];
            int read = image.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            image.Position = 0;
            extension = ImageDecoder.FormatOf(head.AsSpan(0, read)) is { } known ? "." + known.ToString().ToLowerInvariant() : ".jpg";
        }
        for (int number = 2; !stems.Add(free); number++) free = FormattableString.Invariant($"{stem}-{number}");
        return free + extension;
    }
}
