namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>Writes quantised blocks as Huffman codes with byte stuffing (T.81, F.1.2).</summary>
internal sealed class JpegBlockWriter(MemoryStream output)
{
    private ulong _bits;
    private int _count;

    /// <summary>Writes one block.</summary>
    /// <param name="zigzag">64 quantised coefficients in zigzag order.</param>
    /// <param name="previousDc">The component's previous DC value; set to this block's.</param>
    /// <param name="dc">The DC code: by symbol, code * 256 + length.</param>
    /// <param name="ac">The AC code.</param>
    public void Write(ReadOnlySpan<int> zigzag, ref int previousDc, int[] dc, int[] ac)
    {
        var difference = zigzag[0] - previousDc;
        previousDc = zigzag[0];
        Put(dc, 0, difference);
        var run = 0;
        for (var k = 1; k < 64; k++)
        {
            if (zigzag[k] == 0)
            {
                run++;
                continue;
            }

            for (; run > 15; run -= 16)
            {
                Put(ac, 15, 0);
            }

            Put(ac, run, zigzag[k]);
            run = 0;
        }

        if (run > 0)
        {
            Put(ac, 0, 0);
        }
    }

    /// <summary>Fills the last byte with ones.</summary>
    public void Finish()
    {
        Put(0x7F, 7);
        _bits = 0;
        _count = 0;
    }

    /// <summary>Codes by symbol from counts and symbols in order of code (T.81, annex C): code * 256 + length.</summary>
    public static int[] Codes(ReadOnlySpan<byte> table)
    {
        var codes = new int[256];
        int code = 0, index = 16;
        for (var length = 1; length <= 16; length++, code <<= 1)
        {
            for (var i = 0; i < table[length - 1]; i++)
            {
                codes[table[index++]] = (code++ << 8) | length;
            }
        }

        return codes;
    }

    private void Put(int[] codes, int run, int value)
    {
        var size = 32 - int.LeadingZeroCount(Math.Abs(value));
        var code = codes[(run << 4) | size];
        Put(code >> 8, code & 255);
        if (size > 0)
        {
            Put((value < 0 ? value - 1 : value) & ((1 << size) - 1), size);
        }
    }

    private void Put(int bits, int count)
    {
        _bits = (_bits << count) | (uint)bits;
        _count += count;
        while (_count >= 8)
        {
            _count -= 8;
            var value = (byte)(_bits >> _count);
            output.WriteByte(value);
            if (value == 0xFF)
            {
                output.WriteByte(0);
            }
        }
    }
}
