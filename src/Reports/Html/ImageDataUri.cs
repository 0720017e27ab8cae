namespace IlgpuSpp.Reports;

/// <summary>Turns encoded images into addresses that hold the image itself.</summary>
public static class ImageDataUri
{
    /// <summary>Makes a <c>data:</c> address.</summary>
    /// <param name="image">An encoded image.</param>
    /// <returns>The address; null where the bytes start like no format that browsers show (PNG, JPEG, GIF, WebP, BMP).</returns>
    public static string? From(ReadOnlySpan<byte> image)
    {
        var type = MediaType(image);
        return type is null ? null : $"data:{type};base64,{Convert.ToBase64String(image)}";
    }

    private static string? MediaType(ReadOnlySpan<byte> image) => image switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "image/gif",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        [(byte)'B', (byte)'M', ..] => "image/bmp",
        _ => null,
    };
}
