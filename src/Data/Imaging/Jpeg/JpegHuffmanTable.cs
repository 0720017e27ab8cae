namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>
/// A Huffman table ready for decoding (ITU-T T.81, annexes C and F.2.2.3). Codes of up to <see cref="LookupBits"/> bits are
/// decoded by one look-up; for AC coefficients a second table also yields the value where code and value fit together.
/// </summary>
internal sealed class JpegHuffmanTable
{
    public const int LookupBits = 10;

    /// <summary>By the next bits: code length * 256 + symbol, or 0 where the code is longer.</summary>
    public readonly ushort[] Lookup = new ushort[1 << LookupBits];

    /// <summary>By the next bits: value * 65536 + run * 256 + length of code and value together, or 0 where they do not fit.</summary>
    public readonly int[] Values = new int[1 << LookupBits];

    private readonly int[] _limit = new int[18];
    private readonly int[] _offset = new int[17];
    private readonly byte[] _symbols;

    private JpegHuffmanTable(byte[] symbols) => _symbols = symbols;

    /// <summary>Builds the table from the counts of codes by length and the symbols in order of code.</summary>
    /// <returns><see langword="null"/> where the counts do not describe a prefix code.</returns>
    public static JpegHuffmanTable? TryCreate(ReadOnlySpan<byte> countsByLength, ReadOnlySpan<byte> symbols)
    {
        var table = new JpegHuffmanTable(symbols.ToArray());
        int code = 0, index = 0;
        for (int length = 1; length <= 16; length++)
        {
            table._offset[length] = index - code;
            for (int i = 0; i < countsByLength[length - 1]; i++, code++, index++)
            {
                if (code >= 1 << length) return null;
                if (length <= LookupBits)
                {
                    int first = code << (LookupBits - length);
                    table.Lookup.AsSpan(first, 1 << (LookupBits - length)).Fill((ushort)((length << 8) | symbols[index]));
                }
            }

            // Left-justified to 16 bits, so that a code is found by comparing the next 16 bits.
            table._limit[length] = code << (16 - length);
            code <<= 1;
        }

        table._limit[17] = int.MaxValue;
        table.FillValues();
        return table;
    }

    /// <summary>Decodes a code longer than <see cref="LookupBits"/>.</summary>
    /// <param name="next16">The next 16 bits.</param>
    /// <param name="length">The length of the code found.</param>
    /// <returns>The symbol, or -1 where the bits are no code.</returns>
    public int DecodeLong(int next16, out int length)
    {
        length = LookupBits + 1;
        while (next16 >= _limit[length]) length++;

        return length > 16 ? -1 : _symbols[_offset[length] + (next16 >> (16 - length))];
    }

    private void FillValues()
    {
        for (int bits = 0; bits < Values.Length; bits++)
        {
            ushort entry = Lookup[bits];
            int length = entry >> 8, run = (entry >> 4) & 15, size = entry & 15;
            if (length == 0 || size == 0 || length + size > LookupBits) continue;
            int raw = (bits >> (LookupBits - length - size)) & ((1 << size) - 1);
            int value = raw < 1 << (size - 1) ? raw - (1 << size) + 1 : raw;
            Values[bits] = (value << 16) | (run << 8) | (length + size);
        }
    }
}
