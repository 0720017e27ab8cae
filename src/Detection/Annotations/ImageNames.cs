namespace IlgpuSpp.Detection;

/// <summary>Names of images, which some files give with their extension or folder and some without.</summary>
internal static class ImageNames
{
    /// <summary>The name without an image's extension; names such as "2008.01" have none.</summary>
    public static string WithoutExtension(string name) => Path.GetExtension(name).ToUpperInvariant() is ".JPG" or ".JPEG" or ".PNG" or ".BMP" or ".PPM" or ".PGM" or ".WEBP" or ".GIF"
        ? name[..^Path.GetExtension(name).Length]
        : name;
}
