using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data;

/// <summary>
/// A data set laid out as one folder a class, named after the class. Images may lie in folders below it. A file counts
/// when its name ends like an image's or its content begins like one; hidden files and folders are passed over. Where the
/// folder holds <c>train</c> beside <c>val</c> (or <c>valid</c>, <c>validation</c>) or <c>test</c>, and nothing else, each
/// of them holds class folders and the samples are marked with the part they lie in.
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
    /// <returns>The samples, by class and then by name in ordinal order, whatever order the file system lists them in.</returns>
    /// <exception cref="DatasetException">The folder is missing, unreadable, empty, without class folders, with a single class, or with a class without images.</exception>
    public static ImageDataset Open(string path, ImageLimits? limits = null) => Read(path, minimumClasses: 2, limits);

    internal static ImageDataset Read(string path, int minimumClasses, ImageLimits? limits = null)
    {
        if (File.Exists(path)) throw new DatasetException(path, "is a file; give the folder that holds the class folders, or a manifest ending in .csv.");
        if (!Directory.Exists(path)) throw new DatasetException(path, "there is no such folder; check the path.");

        string root = Path.GetFullPath(path);
        try
        {
            string[] folders = FoldersIn(root);
            List<(string Folder, DatasetPart Part)> parts = IsSplitLayout(folders)
                ? [.. folders.Select(f => (f, PartFolders[f]))]
                : [("", DatasetPart.Unassigned)];

            var files = new List<(string Class, string Name, DatasetPart Part)>();
            foreach ((string folder, DatasetPart part) in parts) Collect(path, root, folder, part, files);

            string[] classes = [.. files.Select(f => f.Class).Distinct().Order(StringComparer.Ordinal)];
            RefuseUntrainableParts(path, files);
            if (classes.Length < minimumClasses)
                throw new DatasetException(path, $"holds a single class, '{classes[0]}'; a classifier needs at least two class folders.");

            files.Sort((a, b) => a.Part != b.Part ? a.Part.CompareTo(b.Part) : string.CompareOrdinal(a.Class, b.Class) is var c && c != 0 ? c : string.CompareOrdinal(a.Name, b.Name));
            var source = new FileImageSource(root, [.. files.Select(f => f.Name)], limits);
            return new ImageDataset(path, classes, source, files.Select((f, i) => new ImageSample(f.Name, Array.BinarySearch(classes, f.Class, StringComparer.Ordinal), i, f.Part)));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DatasetException(path, $"cannot be read ({e.Message}); change its permissions.", e);
        }
    }

    private static bool IsSplitLayout(string[] folders)
    {
        if (folders.Length < 2 || !folders.All(PartFolders.ContainsKey)) return false;
        DatasetPart[] parts = [.. folders.Select(f => PartFolders[f])];
        return parts.Contains(DatasetPart.Train) && parts.Distinct().Count() == parts.Length;
    }

    private static void Collect(string path, string root, string folder, DatasetPart part, List<(string Class, string Name, DatasetPart Part)> files)
    {
        string place = Path.Combine(root, folder), shown = Path.Combine(path, folder);
        string[] classes = FoldersIn(place);
        if (classes.Length == 0)
        {
            int loose = ImagesIn(place, "", descend: false).Count;
            throw new DatasetException(shown, loose > 0
                ? $"holds {loose} images but no class folders; put the images of every class into a folder named after the class."
                : "is empty; it should hold one folder of images for every class.");
        }
        foreach (string name in classes)
        {
            List<string> images = ImagesIn(place, name, descend: true);
            if (images.Count == 0)
                throw new DatasetException(Path.Combine(shown, name), "the class has no images; add images or remove the folder.");
            foreach (string image in images) files.Add((name, folder.Length == 0 ? image : folder + "/" + image, part));
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

    private static string[] FoldersIn(string place) =>
        [.. new DirectoryInfo(place).EnumerateDirectories().Where(d => !IsHidden(d)).Select(d => d.Name).Order(StringComparer.Ordinal)];

    // Names relative to place, with '/'. Links to folders are followed for the class folder itself, not below it: no cycles.
    private static List<string> ImagesIn(string place, string folder, bool descend)
    {
        var found = new List<string>();
        var pending = new Queue<(DirectoryInfo Folder, string Name)>();
        pending.Enqueue((new DirectoryInfo(Path.Combine(place, folder)), folder));
        while (pending.TryDequeue(out (DirectoryInfo Folder, string Name) next))
        {
            foreach (FileSystemInfo entry in next.Folder.EnumerateFileSystemInfos())
            {
                if (IsHidden(entry)) continue;
                string name = next.Name.Length == 0 ? entry.Name : next.Name + "/" + entry.Name;
                if (entry is FileInfo file)
                {
                    if (IsImage(file)) found.Add(name);
                }
                else if (descend && entry.LinkTarget is null)
                {
                    pending.Enqueue(((DirectoryInfo)entry, name));
                }
            }
        }
        return found;
    }

    private static bool IsHidden(FileSystemInfo entry) => entry.Name.StartsWith('.') || (entry.Attributes & (FileAttributes.Hidden | FileAttributes.System)) != 0;

    private static bool IsImage(FileInfo file)
    {
        if (ImageExtensions.Contains(file.Extension)) return true;

        // Devices and pipes have no regular length and would block an open.
        if ((file.Attributes & (FileAttributes.Device | FileAttributes.Directory)) != 0 || (file.LinkTarget is null && file.Length == 0)) return false;
        Span<byte> head = stackalloc byte[SniffedBytes];
        try
        {
            using FileStream stream = file.OpenRead();
            int read = stream.ReadAtLeast(head, SniffedBytes, throwOnEndOfStream: false);
            return ImageDecoder.FormatOf(head[..read]) is not null;
        }
        catch (IOException)
        {
            return false; // a dangling link without an image's name
        }
    }
}
