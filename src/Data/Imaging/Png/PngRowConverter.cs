using System.Buffers.Binary;

namespace IlgpuSpp.Data.Imaging.Png;

/// <summary>Converts reconstructed rows of any colour type and depth to RGB, composited over white where transparent.</summary>
/// <param name="header">The image's header.</param>
/// <param name="palette">PLTE, for the palette type.</param>
/// <param name="transparency">tRNS, empty for none.</param>
/// <param name="errors">How failures are worded.</param>
internal sealed class PngRowConverter(PngHeader header, byte[] palette, byte[] transparency, ImageErrors errors)
{
    private readonly byte[] _colours = header.ColourType == PngColourType.Palette ? Flatten(palette, transparency) : [];

    /// <summary>Writes a row of a pass to the image.</summary>
    public void Convert(ReadOnlySpan<byte> row, PngPass pass, int passRow, RgbImage image)
    {
        Span<byte> to = image.Row(pass.Y + (passRow * pass.StepY))[(pass.X * 3)..];
        int step = pass.StepX * 3;
        if (header is { BitDepth: 8, ColourType: PngColourType.Rgb } && transparency.Length == 0 && pass.StepX == 1)
        {
            row[..(pass.Width * 3)].CopyTo(to);
            return;
        }

        switch (header.ColourType)
        {
            case PngColourType.Palette:
                Palette(row, pass.Width, to, step);
                break;
            case PngColourType.Grey:
                Grey(row, pass.Width, to, step);
                break;
            default:
                Colour(row, pass.Width, to, step);
                break;
        }
    }

    /// <summary>The palette's colours with their opacity worked in.</summary>
    private static byte[] Flatten(byte[] palette, byte[] transparency)
    {
        byte[] colours = (byte[])palette.Clone();
        for (int i = 0; i < Math.Min(transparency.Length, colours.Length / 3); i++)
        {
            for (int c = 0; c < 3; c++)
                colours[(3 * i) + c] = RgbImage.OverWhite(colours[(3 * i) + c], transparency[i]);
        }

        return colours;
    }

    /// <summary>The sample at an index of a row, unscaled.</summary>
    private int Sample(ReadOnlySpan<byte> row, int index)
    {
        switch (header.BitDepth)
        {
            case 8:
                return row[index];
            case 16:
                return BinaryPrimitives.ReadUInt16BigEndian(row[(2 * index)..]);
            default:
                int bit = index * header.BitDepth;
                return (row[bit >> 3] >> (8 - header.BitDepth - (bit & 7))) & ((1 << header.BitDepth) - 1);
        }
    }

    private void Palette(ReadOnlySpan<byte> row, int width, Span<byte> to, int step)
    {
        for (int x = 0, at = 0; x < width; x++, at += step)
        {
            int index = Sample(row, x) * 3;
            if (index >= _colours.Length) throw errors.Corrupt($"a pixel uses colour {index / 3} of a palette of {_colours.Length / 3}");
            to[at] = _colours[index];
            to[at + 1] = _colours[index + 1];
            to[at + 2] = _colours[index + 2];
        }
    }

    private void Grey(ReadOnlySpan<byte> row, int width, Span<byte> to, int step)
    {
        int transparent = transparency.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(transparency) : -1;
        int largest = (1 << header.BitDepth) - 1;
        for (int x = 0, at = 0; x < width; x++, at += step)
        {
            int sample = Sample(row, x);
            byte value = (byte)(sample == transparent ? 255 : ((sample * 255) + (largest / 2)) / largest);
            to[at] = value;
            to[at + 1] = value;
            to[at + 2] = value;
        }
    }

    private void Colour(ReadOnlySpan<byte> row, int width, Span<byte> to, int step)
    {
        int channels = header.Channels;
        bool hasAlpha = header.ColourType != PngColourType.Rgb;
        int opaque = header.BitDepth == 16 ? 65535 : 255;
        bool keyed = !hasAlpha && transparency.Length >= 6;
        (ushort, ushort, ushort) key = keyed
            ? (BinaryPrimitives.ReadUInt16BigEndian(transparency), BinaryPrimitives.ReadUInt16BigEndian(transparency.AsSpan(2)), BinaryPrimitives.ReadUInt16BigEndian(transparency.AsSpan(4)))
            : default;
        for (int x = 0, at = 0, from = 0; x < width; x++, at += step, from += channels)
        {
            int r = Sample(row, from);
            int g = channels > 2 ? Sample(row, from + 1) : r;
            int b = channels > 2 ? Sample(row, from + 2) : r;
            int alpha = hasAlpha ? Sample(row, from + channels - 1) : keyed && (r, g, b) == key ? 0 : opaque;
            if (opaque == 255)
            {
                to[at] = RgbImage.OverWhite(r, alpha);
                to[at + 1] = RgbImage.OverWhite(g, alpha);
                to[at + 2] = RgbImage.OverWhite(b, alpha);
            }
            else
            {
                to[at] = RgbImage.OverWhite16((uint)r, (uint)alpha);
                to[at + 1] = RgbImage.OverWhite16((uint)g, (uint)alpha);
                to[at + 2] = RgbImage.OverWhite16((uint)b, (uint)alpha);
            }
        }
    }
}
