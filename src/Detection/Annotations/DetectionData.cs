using IlgpuSpp.Data;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Detection;

/// <summary>Opens data sets with marked objects by what their path is: a VOC folder, a COCO file (<c>.json</c>) or a CSV file.</summary>
public static class DetectionData
{
    /// <summary>The images to train on: of a VOC folder the named set, or <c>trainval</c>, or <c>train</c>, or all.</summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="set">A set of a VOC folder.</param>
    /// <param name="logger">Receives what had to be mended or left out.</param>
    /// <exception cref="DatasetException">The data set cannot be used.</exception>
    public static DetectionDataset OpenTraining(string path, string? set = null, ILogger? logger = null) => Open(path, set, ["trainval", "train"], logger, needImages: true);

    /// <summary>The images to test on: of a VOC folder the named set, or <c>test</c>, or <c>val</c>, or all.</summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="set">A set of a VOC folder.</param>
    /// <param name="logger">Receives what had to be mended or left out.</param>
    /// <param name="needImages">False where only the annotations matter.</param>
    /// <exception cref="DatasetException">The data set cannot be used.</exception>
    public static DetectionDataset OpenTest(string path, string? set = null, ILogger? logger = null, bool needImages = true) => Open(path, set, ["test", "val"], logger, needImages);

    private static DetectionDataset Open(string path, string? set, string[] usual, ILogger? logger, bool needImages)
    {
        if (Directory.Exists(path)) return VocFolder.Open(path, set ?? VocFolder.FirstSet(path, usual), logger, needImages);
        if (set is not null) throw new DatasetException(path, "is a file; sets are parts of VOC folders.");
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".JSON" => CocoFile.Open(path, null, logger),
            ".CSV" => DetectionCsv.Open(path, logger),
            _ => throw new DatasetException(path, File.Exists(path) ? "is neither a VOC folder, nor a .json file of COCO's form, nor a .csv file." : "there is no such folder or file; check the path."),
        };
    }
}
