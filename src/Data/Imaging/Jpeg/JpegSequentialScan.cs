using System.Runtime.CompilerServices;

namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>Decodes a scan of a baseline or extended sequential frame (T.81, F.2.2) straight into samples.</summary>
internal static class JpegSequentialScan
{
    /// <summary>Decodes the whole scan.</summary>
    /// <param name="frame">The frame, with planes allocated.</param>
    /// <param name="scan">The scan; its components have tables.</param>
    /// <param name="reader">The entropy-coded data; left behind it.</param>
    /// <param name="errors">How failures are worded.</param>
    public static void Decode(JpegFrame frame, JpegScan scan, ref JpegBitReader reader, ImageErrors errors)
    {
        Span<int> block = stackalloc int[64];
        block.Clear();
        var restart = new JpegRestartCounter(scan, errors);
        int wide = scan.McusWide(frame), high = scan.McusHigh(frame);
        bool alone = scan.Components.Length == 1;
        for (int mcuY = 0; mcuY < high; mcuY++)
        {
            for (int mcuX = 0; mcuX < wide; mcuX++)
            {
                restart.Advance(ref reader);
                foreach (JpegComponent component in scan.Components)
                {
                    int across = alone ? 1 : component.H, down = alone ? 1 : component.V;
                    for (int v = 0; v < down; v++)
                    {
                        for (int h = 0; h < across; h++)
                        {
                            int at = (((mcuY * down) + v) * component.BlockSide * component.Stride) + (((mcuX * across) + h) * component.BlockSide);
                            DecodeBlock(component, ref reader, block, component.Plane.AsSpan(at), errors);
                        }
                    }
                }
            }

            JpegRestartCounter.ThrowIfOverrun(ref reader, errors);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeBlock(JpegComponent component, ref JpegBitReader reader, scoped Span<int> block, Span<byte> plane, ImageErrors errors)
    {
        int size = reader.Decode(component.DcTable!);
        if ((uint)size > 15) throw NotACode(ref reader, errors);
        component.DcPredictor += reader.TakeSigned(size);
        ReadOnlySpan<int> quant = component.Quant;
        int dc = component.DcPredictor * quant[0];
        block[0] = dc;
        int last = DecodeAc(component.AcTable!, ref reader, block, quant);
        if (last < 0) throw NotACode(ref reader, errors);
        if (last == 0) JpegInverseDct.TransformDc(dc, plane, component.Stride, component.BlockSide);
        else
        {
            JpegInverseDct.Transform(block, plane, component.Stride, component.BlockSide);
            block.Clear();
        }
    }

    /// <summary>Decodes the AC coefficients of a block and multiplies them with their steps.</summary>
    /// <returns>The last nonzero zigzag index, 0 for none, -1 where the data is not valid.</returns>
    private static int DecodeAc(JpegHuffmanTable table, ref JpegBitReader reader, scoped Span<int> block, ReadOnlySpan<int> quant)
    {
        // The bit buffer lives in registers here; it goes back to the reader for each fill and at the end.
        ulong bits = reader.Bits;
        int count = reader.Count;
        ReadOnlySpan<int> values = table.Values;
        ReadOnlySpan<ushort> lookup = table.Lookup;
        ReadOnlySpan<byte> zigzag = JpegZigzag.ToNatural;
        int k = 1, last = 0;
        while (k < 64)
        {
            if (count < 32)
            {
                reader.Bits = bits;
                reader.Count = count;
                reader.Fill();
                bits = reader.Bits;
                count = reader.Count;
            }

            int next = (int)(bits >> (64 - JpegHuffmanTable.LookupBits));
            int value = values[next];
            if (value != 0)
            {
                k += (value >> 8) & 15;
                if (k > 63) return -1;
                bits <<= value & 255;
                count -= value & 255;
                byte natural = zigzag[k];
                block[natural] = (value >> 16) * quant[natural];
                last = k++;
                continue;
            }

            int entry = lookup[next];
            if (entry == 0)
            {
                entry = table.DecodeLong((int)(bits >> 48), out int length);
                if (entry < 0) return -1;
                bits <<= length;
                count -= length;
            }
            else
            {
                bits <<= entry >> 8;
                count -= entry >> 8;
            }

            int size = entry & 15;
            int run = (entry >> 4) & 15;
            if (size == 0)
            {
                if (run != 15) break;
                k += 16;
                continue;
            }

            k += run;
            if (k > 63) return -1;
            int raw = (int)(bits >> (64 - size));
            bits <<= size;
            count -= size;
            if (raw < 1 << (size - 1)) raw -= (1 << size) - 1;
            byte index = zigzag[k];
            block[index] = raw * quant[index];
            last = k++;
        }

        reader.Bits = bits;
        reader.Count = count;
        return last;
    }

    private static DataFormatException NotACode(ref JpegBitReader reader, ImageErrors errors) =>
        reader.AtEndOfData ? errors.Truncated("in the middle of a scan") : errors.Corrupt("the Huffman-coded data is not valid");
}
