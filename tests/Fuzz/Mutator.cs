using System.Buffers.Binary;
using System.Text;

namespace IlgpuSpp.Fuzz;

/// <summary>Damages files: bytes, integers, lengths and pieces of any file; numbers, tokens and nesting of text.</summary>
/// <param name="random">Decides everything.</param>
/// <param name="others">Files of the same kind, to splice with.</param>
/// <param name="openers">What opens a level of nesting in this kind of text.</param>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> others, IReadOnlyList<string> openers)
{
    private const int LongestFile = 1 << 20;

    private static readonly string[] Pieces =
    [
        "\0", "\"", ",", "\n", "\r", "<", ">", "&x;", "]]>", "{", "}", "[", "]", ":", "#", "null", "true", "../", "..\\", "/etc/passwd", "/dev/zero", "ÿ", "\ufeff", "\\ud800", "\\u0000",
        "<!DOCTYPE a [<!ENTITY x 'y'>]>", "<?xml version='1.0' encoding='utf-16'?>", " ", "",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "-0.0", "2", "255", "256", "32768", "65536", "1000000", "16777217", "2147483647", "2147483648", "-2147483648", "4294967295", "9223372036854775807", "18446744073709551616",
        "99999999999999999999", "1e9", "1e38", "1e999", "-1e999", "1e-999", "0.5", "NaN", "Infinity", "6,0", "0x10", "1_000", "٣",
    ];

    private static readonly long[] Integers = [0, 1, -1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, long.MaxValue, long.MinValue];

    /// <summary>One to five changes to text, now and then to its bytes.</summary>
    public byte[] Text(byte[] file) => Change(file, data => random.Next(6) == 0 ? OneOfBytes(data) : OneOfText(data));

    /// <summary>One to five changes to bytes.</summary>
    public byte[] Bytes(byte[] file) => Change(file, OneOfBytes);

    private byte[] Change(byte[] file, Func<byte[], byte[]> one)
    {
        for (int n = 1 + Math.Min(random.Next(5), random.Next(5)); n > 0; n--)
        {
            file = one(file);
            if (file.Length == 0) break;
            if (file.Length > LongestFile) file = file[..LongestFile];
        }
        return file;
    }

    private byte[] OneOfBytes(byte[] file)
    {
        byte[] data = [.. file];
        int at = random.Next(data.Length), length = random.Next(1, 1 + Math.Min(random.Next(8) == 0 ? data.Length : 40, data.Length - at));
        switch (random.Next(16))
        {
            case 0:
                return data[..at];
            case 1:
                return [.. data[..at], .. data[(at + length)..]];
            case 2:
                return [.. data[..(at + length)], .. data[at..]];
            case 3:
                return [.. data[..at], .. Enumerable.Repeat((byte)random.Next(256), Length(1 << 16)), .. data[at..]];
            case 4:
                byte[] other = others[random.Next(others.Count)];
                return [.. data[..at], .. other[random.Next(other.Length)..]];
            case 5:
                data.AsSpan(at, length).Fill(random.Next(2) == 0 ? byte.MaxValue : (byte)0);
                return data;
            case 6:
                return [.. data[..at], .. Nested(), .. data[at..]];
            case 7 or 8 or 9:
                Write(data.AsSpan(at), Integers[random.Next(Integers.Length)]);
                return data;
            case 10 or 11 or 12:
                data[at] = (byte)random.Next(256);
                return data;
            default:
                data[at] ^= (byte)(1 << random.Next(8));
                return data;
        }
    }

    // Long lengths are rare: they cost time.
    private int Length(int longest) => (int)Math.Pow(longest, Math.Pow(random.NextDouble(), 3));

    private void Write(Span<byte> target, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        int length = 1 << random.Next(4);
        if (random.Next(2) == 0) BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        else BinaryPrimitives.WriteInt64BigEndian(bytes, value << (64 - (8 * length)));
        bytes[..Math.Min(length, target.Length)].CopyTo(target);
    }

    // Messages of protocol buffers inside of one another; to other readers, any bytes.
    private byte[] Nested()
    {
        var headers = new Stack<byte[]>();
        int length = 0, period = random.Next(1, 5), depth = Length(5000);
        byte[] fields = [.. Enumerable.Range(0, period).Select(_ => (byte)((random.Next(1, 16) << 3) | 2))];
        for (int level = 0; level < depth; level++)
        {
            var header = new List<byte> { fields[level % period] };
            for (uint rest = (uint)length; ; rest >>= 7)
            {
                header.Add((byte)(rest > 127 ? rest | 128 : rest));
                if (rest <= 127) break;
            }
            headers.Push([.. header]);
            length += header.Count;
        }
        return [.. headers.SelectMany(header => header)];
    }

    private byte[] OneOfText(byte[] file)
    {
        List<Range> tokens = Tokens(file);
        int first = random.Next(tokens.Count), last = Math.Min(tokens.Count - 1, first + Length(40) - 1), start = tokens[first].Start.Value, end = tokens[last].End.Value;
        switch (random.Next(10))
        {
            case 0:
                return [.. file[..end], .. Enumerable.Repeat(file[start..end], Length(2000)).SelectMany(piece => piece).Take(LongestFile), .. file[end..]];
            case 1:
                return [.. file[..start], .. file[end..]];
            case 2:
                Range moved = tokens[random.Next(tokens.Count)];
                return [.. file[..start], .. file[moved], .. file[end..]];
            case 3:
                byte[] other = others[random.Next(others.Count)];
                List<Range> otherTokens = Tokens(other);
                return [.. file[..start], .. other[otherTokens[random.Next(otherTokens.Count)].Start..]];
            case 4 when openers.Count > 0:
                byte[] opener = Encoding.UTF8.GetBytes(openers[random.Next(openers.Count)]);
                return [.. file[..start], .. Enumerable.Repeat(opener, Length(100_000)).SelectMany(piece => piece).Take(LongestFile), .. file[start..]];
            case 5 or 6:
                return [.. file[..start], .. Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]), .. file[(random.Next(2) == 0 ? start : end)..]];
            default:
                List<Range> numbers = [.. tokens.Where(token => file[token.Start.Value] is >= (byte)'0' and <= (byte)'9')];
                if (numbers.Count == 0) return file;
                Range number = numbers[random.Next(numbers.Count)];
                return [.. file[..number.Start], .. Encoding.UTF8.GetBytes(Numbers[random.Next(Numbers.Length)]), .. file[number.End..]];
        }
    }

    // Words, numbers, and every other byte by itself.
    private static List<Range> Tokens(byte[] file)
    {
        var tokens = new List<Range>();
        for (int at = 0, end; at < file.Length; at = end)
        {
            end = at + 1;
            while (IsWord(file[at]) && end < file.Length && IsWord(file[end])) end++;
            tokens.Add(at..end);
        }
        return tokens;

        static bool IsWord(byte letter) => char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'_' or (byte)'.' or >= 128;
    }
}
