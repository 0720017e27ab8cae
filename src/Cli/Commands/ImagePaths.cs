using System.IO.Enumeration;

namespace IlgpuSpp.Cli.Commands;

/// <summary>Turns images, folders and patterns into a list of files.</summary>
internal static class ImagePaths
{
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
        { ".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".pgm", ".pbm", ".pnm", ".gif", ".webp", ".tif", ".tiff" };

    /// <exception cref="FileNotFoundException">A path names nothing, or a folder or pattern holds no image.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> paths)
    {
        var files = new List<string>();
        foreach (string path in paths)
        {
            if (File.Exists(path)) files.Add(path);
            else if (Directory.Exists(path)) files.AddRange(Found(path, Images(path, "*", recurse: true)));
            else if (path.AsSpan().ContainsAny('*', '?')) files.AddRange(Found(path, Matching(path)));
            else throw new FileNotFoundException($"{path}: there is no such file or folder.");
        }
        return files;
    }

    private static string[] Matching(string pattern)
    {
        string folder = Path.GetDirectoryName(pattern) is { Length: > 0 } named ? named : ".";
        if (folder.AsSpan().ContainsAny('*', '?')) throw new FileNotFoundException($"{pattern}: only the last part of a pattern may hold * or ?.");
        if (!Directory.Exists(folder)) throw new FileNotFoundException($"{pattern}: there is no folder {folder}.");
        return [.. Directory.EnumerateFiles(folder)
            .Where(file => FileSystemName.MatchesSimpleExpression(Path.GetFileName(pattern), Path.GetFileName(file), ignoreCase: false))
            .Order(StringComparer.Ordinal)];
    }

    private static string[] Images(string folder, string pattern, bool recurse) =>
        [.. Directory.EnumerateFiles(folder, pattern, recurse ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)
            .Where(file => Extensions.Contains(Path.GetExtension(file)))
            .Order(StringComparer.Ordinal)];

    private static string[] Found(string path, string[] files) =>
        files.Length > 0 ? files : throw new FileNotFoundException($"{path}: holds no image.");
}
