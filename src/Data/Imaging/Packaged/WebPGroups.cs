namespace IlgpuSpp.Data.Imaging.Packaged;

/// <summary>
/// The groups of prefix codes that lossless WebP data announces (RFC 9649, sections 3.5 to 3.8). The package takes memory for all of
/// them before it reads the first, so that a hundred bytes could ask for a gigabyte: they are counted here first. What precedes the
/// groups is read for its length alone; the number of groups is the largest value of an image of their indices.
/// </summary>
internal ref struct WebPGroups(ReadOnlySpan<byte> data, ImageErrors errors)
{
    // The encoder of libwebp writes at most 2600.
    private const int Most = 10_000;

    // Five codes of a group take four bits each at the least.
    private const int LeastBits = 20;

    private const int Literals = 256, Lengths = 24, Distances = 40, LongestCode = 15, MostCacheBits = 11;

    private readonly ReadOnlySpan<byte> _data = data;
    private readonly ImageErrors _errors = errors;
    private long _bit;

    // The order in which the lengths of the codes of lengths are written.
    private static ReadOnlySpan<byte> LengthOrder => [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    /// <summary>Refuses data that announces more groups than it can hold, or than an image needs.</summary>
    /// <param name="data">The data behind the sizes of the image.</param>
    /// <param name="width">The image's width in pixels.</param>
    /// <param name="height">Its height.</param>
    /// <param name="errors">How failures are worded.</param>
    public static void Check(ReadOnlySpan<byte> data, int width, int height, ImageErrors errors)
    {
        var reader = new WebPGroups(data, errors);
        width = reader.PassTransforms(width, height);
        reader.CacheSize();
        if (reader.Bits(1) == 0) return;
        int block = reader.Bits(3) + 2;
        int groups = reader.PassImage(Blocks(width, block), Blocks(height, block)) + 1;
        if (groups > Most || groups > (8L * data.Length - reader._bit) / LeastBits)
            throw errors.Corrupt($"it announces {groups} groups of codes, more than {(groups > Most ? "any image needs" : $"{data.Length} bytes can hold")}");
    }

    private static int Blocks(int side, int bits) => (side + (1 << bits) - 1) >> bits;

    // What the pixels went through; gives the width in which they are written.
    private int PassTransforms(int width, int height)
    {
        for (int seen = 0; Bits(1) == 1;)
        {
            int type = Bits(2);
            if ((seen & 1 << type) != 0) throw _errors.Corrupt("a transform is there twice");
            seen |= 1 << type;
            if (type == 3)
            {
                int colours = Bits(8) + 1;
                PassImage(colours, 1);
                width = Blocks(width, colours switch { <= 2 => 3, <= 4 => 2, <= 16 => 1, _ => 0 });
            }
            else if (type != 2)
            {
                int block = Bits(3) + 2;
                PassImage(Blocks(width, block), Blocks(height, block));
            }
        }
        return width;
    }

    private int CacheSize()
    {
        if (Bits(1) == 0) return 0;
        int bits = Bits(4);
        return bits is >= 1 and <= MostCacheBits ? 1 << bits : throw _errors.Corrupt($"its colour cache has {bits} bits");
    }

    // An image with one group of codes; gives the largest number in the red and green of its pixels. Copies and the cache only
    // repeat what was there.
    private int PassImage(int width, int height)
    {
        int cache = CacheSize();
        var green = new Code(ref this, Literals + Lengths + cache);
        var red = new Code(ref this, Literals);
        var blue = new Code(ref this, Literals);
        var alpha = new Code(ref this, Literals);
        var distance = new Code(ref this, Distances);
        int largest = 0;
        for (long left = (long)width * height; left > 0;)
        {
            int symbol = green.Read(ref this);
            if (symbol < Literals)
            {
                largest = Math.Max(largest, red.Read(ref this) << 8 | symbol);
                blue.Read(ref this);
                alpha.Read(ref this);
                left--;
            }
            else if (symbol < Literals + Lengths)
            {
                left -= Prefixed(symbol - Literals);
                Prefixed(distance.Read(ref this));
            }
            else
            {
                left--;
            }
        }
        return largest;
    }

    private int Prefixed(int prefix)
    {
        if (prefix < 4) return prefix + 1;
        int extra = prefix - 2 >> 1;
        return ((2 + (prefix & 1)) << extra) + Bits(extra) + 1;
    }

    private int Bits(int count)
    {
        if (_bit + count > 8L * _data.Length) throw _errors.Truncated("inside of its codes");
        int value = 0;
        for (int i = 0; i < count; i++, _bit++) value |= (_data[(int)(_bit >> 3)] >> (int)(_bit & 7) & 1) << i;
        return value;
    }

    /// <summary>A canonical prefix code: how many of its words have each length, and their symbols in order.</summary>
    private readonly struct Code
    {
        private readonly int[] _counts = new int[LongestCode + 1];
        private readonly int[] _symbols;

        public Code(ref WebPGroups reader, int alphabet)
        {
            byte[] lengths = new byte[alphabet];
            if (reader.Bits(1) == 1)
            {
                int symbols = reader.Bits(1) + 1;
                Set(reader.Bits(reader.Bits(1) == 1 ? 8 : 1), ref reader);
                if (symbols == 2) Set(reader.Bits(8), ref reader);
            }
            else
            {
                ReadLengths(ref reader, lengths);
            }
            _symbols = Order(lengths, _counts, reader._errors);

            void Set(int symbol, ref WebPGroups reader)
            {
                if (symbol >= lengths.Length) throw reader._errors.Corrupt("a code has a symbol that its alphabet lacks");
                lengths[symbol] = 1;
            }
        }

        private Code(byte[] lengths, ImageErrors errors) => _symbols = Order(lengths, _counts, errors);

        public int Read(ref WebPGroups reader)
        {
            // The only word of a code has no bits.
            if (_symbols.Length == 1) return _symbols[0];
            for (int length = 1, word = 0, first = 0, index = 0; length <= LongestCode; length++)
            {
                word |= reader.Bits(1);
                if (word - first < _counts[length]) return _symbols[index + word - first];
                index += _counts[length];
                first = first + _counts[length] << 1;
                word <<= 1;
            }
            throw reader._errors.Corrupt("it has a word that its code lacks");
        }

        private static void ReadLengths(ref WebPGroups reader, byte[] lengths)
        {
            byte[] own = new byte[LengthOrder.Length];
            int count = reader.Bits(4) + 4;
            for (int i = 0; i < count; i++) own[LengthOrder[i]] = (byte)reader.Bits(3);
            var code = new Code(own, reader._errors);
            int left = reader.Bits(1) == 0 ? lengths.Length : 2 + reader.Bits(2 + 2 * reader.Bits(3));
            byte before = 8;
            for (int at = 0; at < lengths.Length && left > 0; left--)
            {
                int symbol = code.Read(ref reader);
                if (symbol < 16)
                {
                    lengths[at++] = (byte)symbol;
                    if (symbol > 0) before = (byte)symbol;
                    continue;
                }
                int times = symbol switch { 16 => 3 + reader.Bits(2), 17 => 3 + reader.Bits(3), _ => 11 + reader.Bits(7) };
                if (times > lengths.Length - at) throw reader._errors.Corrupt("a code has more words than its alphabet");
                lengths.AsSpan(at, times).Fill(symbol == 16 ? before : (byte)0);
                at += times;
            }
        }

        private static int[] Order(byte[] lengths, int[] counts, ImageErrors errors)
        {
            int[] symbols = [.. Enumerable.Range(0, lengths.Length).Where(symbol => lengths[symbol] > 0).OrderBy(symbol => lengths[symbol])];
            foreach (int symbol in symbols) counts[lengths[symbol]]++;
            return symbols.Length > 0 ? symbols : throw errors.Corrupt("a code has no words");
        }
    }
}
