using System.Buffers.Binary;
using IlgpuSpp.Data.Imaging.Jpeg;

namespace IlgpuSpp.Data.Imaging;

/// <summary>
/// Writes baseline JPEG files (JFIF 1.01) with the example tables of ITU-T T.81, annex K, scaled by quality as in the IJG library;
/// the transforms and roundings are that library's too, so files agree with those of its <c>cjpeg</c> byte by byte.
/// </summary>
public static class JpegEncoder
{
    /// <summary>Encodes an image.</summary>
    /// <param name="image">The image, at most 65535 pixels a side.</param>
    /// <param name="quality">1 (worst) to 100 (best), on the scale of the IJG library.</param>
    /// <param name="sampling">How densely colour is stored.</param>
    /// <returns>A JPEG file's bytes; the same for the same arguments.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The quality or the size is out of range.</exception>
    public static byte[] Encode(RgbImage image, int quality = 90, JpegSampling sampling = JpegSampling.Half)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        if (image.Width > 65535 || image.Height > 65535)
        {
            throw new ArgumentOutOfRangeException(nameof(image), $"A JPEG file holds at most 65535 pixels a side, but the image is {image.Width} x {image.Height}.");
        }

        var factor = sampling == JpegSampling.Half ? 2 : 1;
        var luminance = Scale(JpegStandardTables.Luminance, quality);
        var chrominance = Scale(JpegStandardTables.Chrominance, quality);
        using var file = new MemoryStream();
        WriteHeader(file, image, factor, luminance, chrominance);
        WriteScan(file, image, factor, luminance, chrominance);
        file.Write([0xFF, 0xD9]);
        return file.ToArray();
    }

    /// <summary>Encodes an image to a file, replacing it where it exists.</summary>
    /// <param name="path">The file.</param>
    /// <param name="image">The image, at most 65535 pixels a side.</param>
    /// <param name="quality">1 (worst) to 100 (best), on the scale of the IJG library.</param>
    /// <param name="sampling">How densely colour is stored.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality or the size is out of range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, RgbImage image, int quality = 90, JpegSampling sampling = JpegSampling.Half)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        File.WriteAllBytes(path, Encode(image, quality, sampling));
    }

    private static byte[] Scale(ReadOnlySpan<byte> table, int quality)
    {
        var percent = quality < 50 ? 5000 / quality : 200 - (2 * quality);
        var scaled = new byte[64];
        for (var i = 0; i < scaled.Length; i++)
        {
            scaled[i] = (byte)Math.Clamp(((table[i] * percent) + 50) / 100, 1, 255);
        }

        return scaled;
    }

    private static void WriteHeader(MemoryStream file, RgbImage image, int factor, byte[] luminance, byte[] chrominance)
    {
        file.Write([0xFF, 0xD8]);
        WriteSegment(file, 0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
        WriteSegment(file, 0xDB, [0, .. Zigzag(luminance)]);
        WriteSegment(file, 0xDB, [1, .. Zigzag(chrominance)]);
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)image.Height);
        BinaryPrimitives.WriteUInt16BigEndian(size[2..], (ushort)image.Width);
        WriteSegment(file, 0xC0, [8, .. size, 3, 1, (byte)(factor * 0x11), 0, 2, 0x11, 1, 3, 0x11, 1]);
        WriteSegment(file, 0xC4, [0x00, .. JpegStandardTables.LuminanceDc]);
        WriteSegment(file, 0xC4, [0x10, .. JpegStandardTables.LuminanceAc]);
        WriteSegment(file, 0xC4, [0x01, .. JpegStandardTables.ChrominanceDc]);
        WriteSegment(file, 0xC4, [0x11, .. JpegStandardTables.ChrominanceAc]);
        WriteSegment(file, 0xDA, [3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]);
    }

    private static byte[] Zigzag(byte[] table)
    {
        var result = new byte[64];
        for (var k = 0; k < 64; k++)
        {
            result[k] = table[JpegZigzag.ToNatural[k]];
        }

        return result;
    }

    private static void WriteSegment(MemoryStream file, byte marker, ReadOnlySpan<byte> content)
    {
        file.Write([0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2)]);
        file.Write(content);
    }

    private static void WriteScan(MemoryStream file, RgbImage image, int factor, byte[] luminance, byte[] chrominance)
    {
        JpegEncoderPlane[] planes =
        [
            JpegEncoderPlane.Luminance(image, luminance),
            JpegEncoderPlane.Chrominance(image, factor, chrominance, blue: true),
            JpegEncoderPlane.Chrominance(image, factor, chrominance, blue: false),
        ];
        int[] luminanceDc = JpegBlockWriter.Codes(JpegStandardTables.LuminanceDc), luminanceAc = JpegBlockWriter.Codes(JpegStandardTables.LuminanceAc);
        int[] chrominanceDc = JpegBlockWriter.Codes(JpegStandardTables.ChrominanceDc), chrominanceAc = JpegBlockWriter.Codes(JpegStandardTables.ChrominanceAc);
        var writer = new JpegBlockWriter(file);
        Span<int> zigzag = stackalloc int[64];
        Span<int> previous = stackalloc int[3];
        previous.Clear();
        int step = 8 * factor, wide = (image.Width + step - 1) / step, high = (image.Height + step - 1) / step;
        for (var mcuY = 0; mcuY < high; mcuY++)
        {
            for (var mcuX = 0; mcuX < wide; mcuX++)
            {
                for (var c = 0; c < planes.Length; c++)
                {
                    var across = c == 0 ? factor : 1;
                    for (var block = 0; block < across * across; block++)
                    {
                        int x = (mcuX * across) + (block % across), y = (mcuY * across) + (block / across);
                        if (x < planes[c].BlocksWide && y < planes[c].BlocksHigh)
                        {
                            planes[c].Quantise(x, y, zigzag);
                        }
                        else
                        {
                            // Blocks outside the image cost least when they repeat the level of the block before.
                            zigzag.Clear();
                            zigzag[0] = previous[c];
                        }

                        writer.Write(zigzag, ref previous[c], c == 0 ? luminanceDc : chrominanceDc, c == 0 ? luminanceAc : chrominanceAc);
                    }
                }
            }
        }

        writer.Finish();
    }
}
