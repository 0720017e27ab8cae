using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Data;

/// <summary>
/// A data set laid out as one folder a class, named after the class. Images may lie in folders below it. A file counts
/// when its name ends like an image's or its content begins like one; hidden files and folders are passed over. Where the
/// folder holds <c>train</c> beside <c>val</c> (or <c>valid</c>, <c>validation</c>) or <c>test</c>, and nothing else, each
/// of them holds class folders and the samples are marked with the part they lie in. A <c>.zip</c> or <c>.tar</c> archive is such a folder too, or holds it alone.
/// </summary>
public static class ImageFolder
{
    private const int SniffedBytes = 12;

    private static readonly HashSet<string> ImageExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".ppm", ".pgm", ".pbm", ".pnm", ".gif", ".webp", ".tif", ".tiff", ".tga", ".qoi",
    };

    private static readonly Dictionary<string, DatasetPart> PartFolders = new(StringComparer.OrdinalIgnoreCase)
    {
        ["train"] = DatasetPart.Train,
        ["val"] = DatasetPart.Validation,
        ["valid"] = DatasetPart.Validation,
        ["validation"] = DatasetPart.Validation,
        ["test"] = DatasetPart.Test,
    };

    /// <summary>Opens a folder of class folders.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="limits">The largest image accepted; the decoder's own limits where <see langword="null"/>.</param>
    /// <param name="logger">Is told what is left out: folders that lead back to where they lie, files that are empty or no ordinary files.</param>
    /// <returns>The samples, by class and then by name in ordinal order, whatever order the file system lists them in.</returns>
    /// <exception cref="DatasetException">The folder is missing, unreadable, empty, without class folders, with a single class, or with a class without images.</exception>
    public static ImageDataset Open(string path, ImageLimits? limits = null, ILogger? logger = null) => Read(new DataFiles(logger), path, minimumClasses: 2, limits, logger);

    internal static ImageDataset Read(DataFiles files, string path, int minimumClasses, ImageLimits? limits = null, ILogger? logger = null)
    {
        logger ??= NullLogger.Instance;
        if (!files.HasFolder(path) && files.HasFile(path)) throw new DatasetException(path, "is a file; give the folder or the .zip or .tar archive that holds the class folders, or a manifest ending in .csv.");
        if (!files.HasFolder(path)) throw new DatasetException(path, "there is no such folder; check the path.");

        string root = Path.GetFullPath(files.Descend(path, folder => !HoldsAll(files, folder)));
        try
        {
            string[] folders = FoldersIn(files, root, NullLogger.Instance);
            List<(string Folder, DatasetPart Part)> parts = IsSplitLayout(folders)
                ? [.. folders.Select(f => (f, PartFolders[f]))]
                : [("", DatasetPart.Unassigned)];

            var images = new List<(string Class, string Name, DatasetPart Part)>();
            foreach ((string folder, DatasetPart part) in parts) Collect(files, path, root, folder, part, images, logger);

            string[] classes = [.. images.Select(f => f.Class).Distinct().Order(StringComparer.Ordinal)];
            RefuseUntrainableParts(path, images);
            if (classes.Length < minimumClasses)
                throw new DatasetException(path, $"holds a single class, '{classes[0]}'; a classifier needs at least two class folders.");

            images.Sort((a, b) => a.Part != b.Part ? a.Part.CompareTo(b.Part) : string.CompareOrdinal(a.Class, b.Class) is var c && c != 0 ? c : string.CompareOrdinal(a.Name, b.Name));
            var source = new FileImageSource(files, root, [.. images.Select(f => f.Name)], limits);
            return new ImageDataset(path, classes, source, images.Select((f, i) => new ImageSample(f.Name, Array.BinarySearch(classes, f.Class, StringComparer.Ordinal), i, f.Part)));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DatasetException(path, "cannot be read; change its permissions.", e);
        }
        catch (DataFormatException e)
        {
            throw new DatasetException(e.Path ?? path, e.Reason, e);
        }
    }

    private static bool IsSplitLayout(string[] folders)
    {
        if (folders.Length < 2 || !folders.All(PartFolders.ContainsKey)) return false;
        DatasetPart[] parts = [.. folders.Select(f => PartFolders[f])];
        return parts.Contains(DatasetPart.Train) && parts.Distinct().Count() == parts.Length;
    }

    private static void Collect(DataFiles files, string path, string root, string folder, DatasetPart part, List<(string Class, string Name, DatasetPart Part)> found, ILogger logger)
    {
        string place = Path.Combine(root, folder), shown = Path.Combine(path, folder);
        string[] classes = FoldersIn(files, place, logger);
        if (classes.Length == 0)
        {
            int loose = ImagesIn(files, place, "", descend: false, NullLogger.Instance).Count;
            throw new DatasetException(shown, loose > 0
                ? $"holds {(loose == 1 ? "an image" : $"{loose} images")} but no class folders; put the images of every class into a folder named after the class."
                : "is empty; it should hold one folder of images for every class.");
        }
        foreach (string name in classes)
        {
            List<string> images = ImagesIn(files, place, name, descend: true, logger);
            if (images.Count == 0)
                throw new DatasetException(Path.Combine(shown, name), "the class has no images; add images or remove the folder.");
            foreach (string image in images) found.Add((name, folder.Length == 0 ? image : folder + "/" + image, part));
        }
    }

    // A class that only the held-out parts have is a misspelt folder more often than anything else.
    private static void RefuseUntrainableParts(string path, List<(string Class, string Name, DatasetPart Part)> files)
    {
        var trained = files.Where(f => f.Part is DatasetPart.Train or DatasetPart.Unassigned).Select(f => f.Class).ToHashSet(StringComparer.Ordinal);
        foreach ((string name, string file, DatasetPart part) in files)
        {
            if (!trained.Contains(name))
                throw new DatasetException(path, $"the class '{name}' of {file} has no training images; the classes of the held-out part must be those of the training part.");
        }
    }

    // Whether a folder is but the one around the class folders, as archives have it.
    private static bool HoldsAll(DataFiles files, string folder) => FoldersIn(files, folder, NullLogger.Instance) is [var only] && FoldersIn(files, Path.Combine(folder, only), NullLogger.Instance).Length > 0;

    private static string[] FoldersIn(DataFiles files, string place, ILogger logger) =>
        [.. files.EntriesIn(place).Where(entry => entry is { IsFolder: true, IsHidden: false } && !(entry.IsLink && LeadsBack(new DirectoryInfo(Path.Combine(place, entry.Name)), place, logger))).Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    // A link to a folder that holds it would make a class of everything.
    private static bool LeadsBack(DirectoryInfo folder, string place, ILogger logger)
    {
        string? target;
        try
        {
            target = folder.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        }
        catch (IOException)
        {
            target = null; // links that lead to each other
        }
        if (target is not null && !(RealPath(place) + Path.DirectorySeparatorChar).StartsWith(Path.TrimEndingDirectorySeparator(target) + Path.DirectorySeparatorChar, StringComparison.Ordinal)) return false;
        logger.LogWarning("{Folder} is a link that leads back to where it lies; it is left out.", folder.FullName);
        return true;
    }

    private static string RealPath(string place)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(place));
        for (var folder = new DirectoryInfo(path); folder is not null; folder = folder.Parent)
            if (folder.ResolveLinkTarget(returnFinalTarget: true) is { } target) return RealPath(target.FullName + path[folder.FullName.TrimEnd(Path.DirectorySeparatorChar).Length..]);
        return path;
    }

    // Names relative to place, with '/'. Links to folders are followed for the class folder itself, not below it: no cycles.
    private static List<string> ImagesIn(DataFiles files, string place, string folder, bool descend, ILogger logger)
    {
        var found = new List<string>();
        var pending = new Queue<(string Folder, string Name)>();
        pending.Enqueue((Path.Combine(place, folder), folder));
        while (pending.TryDequeue(out (string Folder, string Name) next))
        {
            foreach (DataEntry entry in files.EntriesIn(next.Folder))
            {
                if (entry.IsHidden) continue;
                string path = Path.Combine(next.Folder, entry.Name), name = next.Name.Length == 0 ? entry.Name : next.Name + "/" + entry.Name;
                if (entry.IsFolder)
                {
                    if (descend && !entry.IsLink) pending.Enqueue((path, name));
                }
                else if (IsImageName(entry.Name))
                {
                    if (files.IsOrdinary(path)) found.Add(name);
                    else logger.LogWarning("{Image} is empty or no ordinary file; it is left out.", path);
                }
                else if (files.IsOrdinary(path) && BeginsLikeImage(files, path)) found.Add(name);
            }
        }
        return found;
    }

    /// <summary>Whether a file is called like an image.</summary>
    internal static bool IsImageName(string name) => ImageExtensions.Contains(Path.GetExtension(name));

    private static bool BeginsLikeImage(DataFiles files, string path)
    {
        try
        {
            return ImageDecoder.FormatOf(files.Read(path, SniffedBytes)) is not null;
        }
        catch (IOException)
        {
            return false; // a dangling link without an image's name
        }
    }
}
