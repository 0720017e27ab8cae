using System.Globalization;

namespace IlgpuSpp.Data;

/// <summary>Numbers, flags and paths as annotation files write them: one reading for all formats.</summary>
internal static class AnnotationValues
{
    private const int ShownLength = 40;

    /// <summary>A finite number, or null: a point for the fraction, no separators of thousands, so that <c>6,0</c> is none.</summary>
    public static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    /// <summary>A flag, or null: 1, true or yes, and 0, false, no or nothing, in any case; 1.0 and 0.0 are numbers like 1 and 0.</summary>
    public static bool? Flag(string? text) => text?.Trim().ToUpperInvariant() switch
    {
        null or "" or "FALSE" or "NO" => false,
        "TRUE" or "YES" => true,
        var other => Number(other) switch { 0 => false, 1 => true, _ => null },
    };

    /// <summary>A value as messages show it.</summary>
    public static string Shown(string text) => new([.. (text.Length > ShownLength ? text[..ShownLength] + "..." : text).Select(letter => char.IsControl(letter) ? '?' : letter)]);

    /// <summary>A path that a file gives for an image, with '/' between its parts, relative to the data folder where it lies inside.</summary>
    /// <param name="root">The data folder.</param>
    /// <param name="path">The path in the file, with either separator.</param>
    /// <param name="allowOutside">Whether it may leave the folder.</param>
    /// <param name="refusal">What is wrong, where the result is null.</param>
    public static string? ImagePath(string root, string path, bool allowOutside, out string refusal)
    {
        refusal = "";
        path = path.Replace('\\', '/');
        if (path.Any(char.IsControl))
        {
            refusal = $"names '{Shown(path)}', which has characters that no name of a file has; mend it.";
            return null;
        }
        string folder = Path.GetFullPath(root), relative = Path.GetRelativePath(folder, Path.GetFullPath(Path.Combine(folder, path))).Replace('\\', '/');
        if (!allowOutside && (relative == ".." || relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative)))
        {
            refusal = $"names '{Shown(path)}', which lies outside the data folder; move the image there, or allow paths to leave it (--allow-outside).";
            return null;
        }
        return relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? path : relative;
    }

    /// <summary>The box of the pixels that an area touches whose edges are continuous coordinates, as those of COCO, CVAT and LabelMe. One thinner than a pixel still touches one; one without an extent stays without pixels.</summary>
    public static PixelBox Touched(double left, double top, double right, double bottom) => new(left, top, Last(left, right), Last(top, bottom));

    private static double Last(double first, double end) => first + (end > first ? Math.Max(end - first, 1) : end - first) - 1;

    /// <summary>The name without an image's extension; names such as "2008.01" have none.</summary>
    public static string WithoutExtension(string name) => ImageFolder.IsImageName(name) ? name[..^Path.GetExtension(name).Length] : name;
}
