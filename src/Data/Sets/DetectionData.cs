using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Data;

/// <summary>The image that boxes are given in, where EXIF turns it.</summary>
public enum BoxFrame
{
    /// <summary>Told by the annotated size; upright where that does not tell.</summary>
    Automatic,

    /// <summary>The image as it is stored, before it is turned.</summary>
    Raw,

    /// <summary>The image as it is seen.</summary>
    Upright,
}

/// <summary>How annotations are read.</summary>
public sealed record AnnotationOptions
{
    /// <summary>A set of a VOC folder: a list in <c>ImageSets/Main</c>; null for the usual one.</summary>
    public string? Set { get; init; }

    /// <summary>The folder of a COCO or CSV file's images; null for the file's own folder and, for COCO, those usual beside it.</summary>
    public string? Images { get; init; }

    /// <summary>The image that boxes are given in.</summary>
    public BoxFrame Boxes { get; init; }

    /// <summary>False where boxes are enough, as for scoring: images need not exist.</summary>
    public bool NeedImages { get; init; } = true;

    /// <summary>False where only the classes shown matter: an object of a VOC annotation may lack its box, and sizes are not compared.</summary>
    public bool NeedBoxes { get; init; } = true;

    /// <summary>Whether the files may name images outside the data folder.</summary>
    public bool AllowOutside { get; init; }
}

/// <summary>Opens data sets with marked objects by what their path is: a VOC folder, a COCO file (<c>.json</c>) or a CSV file.</summary>
public static class DetectionData
{
    /// <summary>The images to train on: of a VOC folder the named set, or <c>trainval</c>, or <c>train</c>, or all.</summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="options">How to read.</param>
    /// <param name="logger">Receives what had to be mended or left out.</param>
    /// <exception cref="DatasetException">The data set cannot be used.</exception>
    public static DetectionDataset OpenTraining(string path, AnnotationOptions? options = null, ILogger? logger = null) => Open(path, options, logger, "trainval", "train");

    /// <summary>The images to test on: of a VOC folder the named set, or <c>test</c>, or <c>val</c>, or all.</summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="options">How to read.</param>
    /// <param name="logger">Receives what had to be mended or left out.</param>
    /// <exception cref="DatasetException">The data set cannot be used.</exception>
    public static DetectionDataset OpenTest(string path, AnnotationOptions? options = null, ILogger? logger = null) => Open(path, options, logger, "test", "val");

    /// <summary>All images: of a VOC folder the named set, or all annotations.</summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="options">How to read.</param>
    /// <param name="logger">Receives what had to be mended or left out.</param>
    /// <exception cref="DatasetException">The data set cannot be used.</exception>
    public static DetectionDataset OpenAll(string path, AnnotationOptions? options = null, ILogger? logger = null) => Open(path, options, logger);

    /// <summary>Whether a path is a folder in VOC's layout with lists of images to train on and to test on.</summary>
    /// <param name="path">The folder.</param>
    public static bool IsSplitVoc(string path) => Directory.Exists(Path.Combine(path, "Annotations")) && VocFolder.FirstSet(path, "trainval", "train") is not null && VocFolder.FirstSet(path, "test", "val") is not null;

    private static DetectionDataset Open(string path, AnnotationOptions? options, ILogger? logger, params ReadOnlySpan<string> usual)
    {
        options ??= new AnnotationOptions();
        logger ??= NullLogger.Instance;
        try
        {
            if (Directory.Exists(path)) return VocFolder.Open(path, options with { Set = options.Set ?? VocFolder.FirstSet(path, usual) }, logger);
            if (options.Set is not null) throw new DatasetException(path, "is a file; sets are parts of VOC folders.");
            return Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".JSON" => CocoFile.Open(path, options, logger),
                ".CSV" => BoxTable.Open(path, options, logger),
                _ => throw new DatasetException(path, File.Exists(path) ? "is neither a VOC folder, nor a .json file of COCO's form, nor a .csv file." : "there is no such folder or file; check the path."),
            };
        }
        catch (UnauthorizedAccessException error)
        {
            throw new DatasetException(path, "cannot be read; change its permissions.", error);
        }
    }
}
