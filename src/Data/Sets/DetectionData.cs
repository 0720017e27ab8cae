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
    /// <summary>A set of a VOC folder (a list in <c>ImageSets/Main</c>) or of a YOLO description (<c>train</c>, <c>val</c> or <c>test</c>); null for the usual one.</summary>
    public string? Set { get; init; }

    /// <summary>The folder of a file's images; null for the file's own folder and those usual beside it.</summary>
    public string? Images { get; init; }

    /// <summary>The image that boxes are given in.</summary>
    public BoxFrame Boxes { get; init; }

    /// <summary>False where boxes are enough, as for scoring: images need not exist.</summary>
    public bool NeedImages { get; init; } = true;

    /// <summary>False where only the classes shown matter: an object of a VOC annotation may lack its box, and sizes are not compared.</summary>
    public bool NeedBoxes { get; init; } = true;

    /// <summary>Whether the files may name images outside the data folder.</summary>
    public bool AllowOutside { get; init; }

    /// <summary>The sets looked for where none is named; without any of them all images are read.</summary>
    internal IReadOnlyList<string> UsualSets { get; init; } = [];
}

/// <summary>
/// Opens data sets with marked objects by what their path is: a folder of VOC, YOLO, CVAT or LabelMe, a file of COCO (<c>.json</c>), CVAT (<c>.xml</c>) or
/// YOLO (<c>.yaml</c>), a CSV file, or any of these in a <c>.zip</c> or <c>.tar</c> archive.
/// </summary>
public static class DetectionData
{
    /// <summary>The images to train on: where the data set has sets, the named one, or <c>trainval</c>, or <c>train</c>, or all.</summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="options">How to read.</param>
    /// <param name="logger">Receives what had to be mended or left out.</param>
    /// <exception cref="DatasetException">The data set cannot be used.</exception>
    public static DetectionDataset OpenTraining(string path, AnnotationOptions? options = null, ILogger? logger = null) => Open(path, options, logger, "trainval", "train");

    /// <summary>The images to test on: where the data set has sets, the named one, or <c>test</c>, or <c>val</c>, or all.</summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="options">How to read.</param>
    /// <param name="logger">Receives what had to be mended or left out.</param>
    /// <exception cref="DatasetException">The data set cannot be used.</exception>
    public static DetectionDataset OpenTest(string path, AnnotationOptions? options = null, ILogger? logger = null) => Open(path, options, logger, "test", "val");

    /// <summary>All images: of a named set, or of all.</summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="options">How to read.</param>
    /// <param name="logger">Receives what had to be mended or left out.</param>
    /// <exception cref="DatasetException">The data set cannot be used.</exception>
    public static DetectionDataset OpenAll(string path, AnnotationOptions? options = null, ILogger? logger = null) => Open(path, options, logger);

    /// <summary>Whether a path is a folder in VOC's layout with lists of images to train on and to test on.</summary>
    /// <param name="path">The folder, or an archive that holds one.</param>
    public static bool IsSplitVoc(string path)
    {
        var files = new DataFiles();
        string folder = files.Descend(path, place => ReaderOf(files, place) is not null);
        return ReaderOf(files, folder) is { Read: var read } && read == VocFolder.Open && VocFolder.FirstSet(files, folder, ["trainval", "train"]) is not null && VocFolder.FirstSet(files, folder, ["test", "val"]) is not null;
    }

    private static DetectionDataset Open(string path, AnnotationOptions? options, ILogger? logger, params string[] usual)
    {
        logger ??= NullLogger.Instance;
        try
        {
            DataFiles.RefuseOtherArchives(path);
            var files = new DataFiles(logger);
            string place = files.Descend(path, folder => ReaderOf(files, folder) is not null);
            (Reader read, string found) = ReaderOf(files, place) ?? throw new DatasetException(path, WhyNone(files, path));
            if (options?.Set is not null && read != VocFolder.Open && read != YoloFolder.Open) throw new DatasetException(path, "has no sets; those of VOC and YOLO have.");
            return read(files, found, (options ?? new AnnotationOptions()) with { UsualSets = usual }, logger);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new DatasetException(path, "cannot be read; change its permissions.", error);
        }
        catch (DataFormatException error)
        {
            throw new DatasetException(error.Path ?? path, error.Reason, error);
        }
    }

    private static (Reader Read, string Path)? ReaderOf(DataFiles files, string path)
    {
        if (!files.HasFolder(path))
        {
            return !files.HasFile(path) ? null : Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".JSON" => (CocoFile.Open, path),
                ".CSV" => (BoxTable.Open, path),
                ".XML" => (CvatFile.Open, path),
                ".YAML" or ".YML" => (YoloFolder.Open, path),
                _ => null,
            };
        }
        if (files.HasFolder(Path.Combine(path, "Annotations"))) return (VocFolder.Open, path);
        if (YoloFolder.DescriptionIn(files, path) is { } description) return (YoloFolder.Open, description);
        if (files.HasFile(Path.Combine(path, CvatFile.UsualName))) return (CvatFile.Open, Path.Combine(path, CvatFile.UsualName));
        if (LabelMeFolder.IsOne(files, path)) return (LabelMeFolder.Open, path);
        // What is one file on the disk comes with its images as an archive.
        return TablesIn(files, path) is [var only] ? ReaderOf(files, only) : null;
    }

    private static string[] TablesIn(DataFiles files, string path) =>
        [.. new[] { path, Path.Combine(path, "annotations") }.SelectMany(folder => files.FilesIn(folder).Select(name => Path.Combine(folder, name))).Where(name => Path.GetExtension(name).ToUpperInvariant() is ".JSON" or ".CSV")];

    private static string WhyNone(DataFiles files, string path)
    {
        if (files.HasFolder(path) && TablesIn(files, path) is { Length: > 1 } tables) return $"holds {tables.Length} tables and no other sign of what is meant; name one of them, such as {tables[0]}.";
        if (files.HasFolder(path)) return DataFiles.IsArchive(path)
            ? $"holds no data set with boxes that is found by itself: no VOC folder, YOLO's data.yaml, CVAT's {CvatFile.UsualName}, LabelMe's .json beside images, nor a single .json or .csv; name what is meant, as in {Path.Combine(Path.GetFileName(path), "annotations", "instances.json")}."
            : $"has no folder Annotations, as that of a VOC data set such as VOCdevkit/VOC2007 has, nor YOLO's data.yaml, CVAT's {CvatFile.UsualName} or LabelMe's .json files beside images.";
        return files.HasFile(path) ? "is neither a data set with boxes in a folder or an archive, nor a .json file of COCO's form, a .csv, CVAT's .xml or YOLO's .yaml." : "there is no such folder or file; check the path.";
    }

    private delegate DetectionDataset Reader(DataFiles files, string path, AnnotationOptions options, ILogger logger);
}
