using System.Buffers.Binary;

namespace IlgpuSpp.Data.Imaging.Bmp;

/// <summary>How the pixels of a bitmap are stored.</summary>
internal enum BmpCompression
{
    None = 0,
    Rle8 = 1,
    Rle4 = 2,
    BitFields = 3,
    Jpeg = 4,
    Png = 5,
    AlphaBitFields = 6,
}

/// <summary>The file header and the information header (OS/2 1.x core, Windows 3, V4, V5, and OS/2 2.x as far as it agrees).</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="TopDown">Whether the first row stored is the top one.</param>
/// <param name="BitCount">Bits a pixel: 1, 4, 8, 16, 24 or 32.</param>
/// <param name="Compression">How the pixels are stored.</param>
/// <param name="PixelOffset">Where the pixels begin.</param>
/// <param name="PaletteOffset">Where the palette begins.</param>
/// <param name="PaletteEntrySize">Bytes of a palette entry, 3 or 4.</param>
/// <param name="PaletteCount">Entries of the palette.</param>
/// <param name="Masks">Where 16- and 32-bit pixels hold red, green and blue.</param>
internal sealed record BmpHeader(
    int Width, int Height, bool TopDown, int BitCount, BmpCompression Compression,
    int PixelOffset, int PaletteOffset, int PaletteEntrySize, int PaletteCount, uint[] Masks)
{
    private const int FileHeaderSize = 14;

    public static BmpHeader Read(ReadOnlySpan<byte> data, ImageLimits limits, ImageErrors errors)
    {
        if (data.Length < FileHeaderSize + 12)
        {
            throw errors.Truncated("inside the header");
        }

        var pixelOffset = BinaryPrimitives.ReadUInt32LittleEndian(data[10..]);
        var info = data[FileHeaderSize..];
        var infoSize = BinaryPrimitives.ReadUInt32LittleEndian(info);
        if (infoSize is not (12 or (>= 16 and <= 1024)))
        {
            throw errors.Corrupt($"the information header has size {infoSize}");
        }

        if (infoSize > info.Length)
        {
            throw errors.Truncated("inside the header");
        }

        var core = infoSize == 12;
        long width = core ? BinaryPrimitives.ReadUInt16LittleEndian(info[4..]) : BinaryPrimitives.ReadInt32LittleEndian(info[4..]);
        long height = core ? BinaryPrimitives.ReadUInt16LittleEndian(info[6..]) : BinaryPrimitives.ReadInt32LittleEndian(info[8..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(info[(core ? 10 : 14)..]);
        var compression = infoSize >= 20 ? BinaryPrimitives.ReadUInt32LittleEndian(info[16..]) : 0;
        var used = infoSize >= 36 ? BinaryPrimitives.ReadUInt32LittleEndian(info[32..]) : 0;
        limits.Check(width, Math.Abs(height), "BMP", errors.Name);
        Require(bits, compression, errors);

        var paletteOffset = FileHeaderSize + (int)infoSize;
        var masks = Masks16And32(info, infoSize, bits, compression, ref paletteOffset, errors);
        var palette = bits > 8 ? 0 : used is 0 or > 256 ? 1 << bits : (int)used;
        if (pixelOffset < paletteOffset || pixelOffset > data.Length)
        {
            throw pixelOffset > data.Length ? errors.Truncated("before the pixels") : errors.Corrupt($"the pixels begin at byte {pixelOffset}, inside the header");
        }

        // A palette cut short by the pixels is common; the entries that are there count.
        var entry = core ? 3 : 4;
        palette = Math.Min(palette, ((int)pixelOffset - paletteOffset) / entry);
        return new BmpHeader((int)width, (int)Math.Abs(height), height < 0, bits, (BmpCompression)compression, (int)pixelOffset, paletteOffset, entry, palette, masks);
    }

    private static void Require(int bits, uint compression, ImageErrors errors)
    {
        if (bits is not (1 or 4 or 8 or 16 or 24 or 32))
        {
            throw errors.Unsupported($"{bits} bits a pixel");
        }

        var fits = (BmpCompression)compression switch
        {
            BmpCompression.None => true,
            BmpCompression.Rle8 => bits == 8,
            BmpCompression.Rle4 => bits == 4,
            BmpCompression.BitFields or BmpCompression.AlphaBitFields => bits is 16 or 32,
            _ => false,
        };
        if (!fits)
        {
            throw errors.Unsupported($"compression {compression} with {bits} bits a pixel");
        }
    }

    private static uint[] Masks16And32(ReadOnlySpan<byte> info, uint infoSize, int bits, uint compression, ref int paletteOffset, ImageErrors errors)
    {
        if (compression is not (3 or 6))
        {
            return bits == 16 ? [0x7C00, 0x03E0, 0x001F] : [0xFF0000, 0x00FF00, 0x0000FF];
        }

        if (info.Length < 40 + 12)
        {
            throw errors.Truncated("inside the colour masks");
        }

        if (infoSize < 52)
        {
            paletteOffset += compression == 6 ? 16 : 12;
        }

        uint[] masks = [BinaryPrimitives.ReadUInt32LittleEndian(info[40..]), BinaryPrimitives.ReadUInt32LittleEndian(info[44..]), BinaryPrimitives.ReadUInt32LittleEndian(info[48..])];
        return masks.All(mask => mask != 0) ? masks : throw errors.Corrupt("a colour mask is empty");
    }
}
