using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>
/// Reads the entropy-coded bits of one scan, undoing byte stuffing (FF 00 stands for FF). At a marker or the end of the data
/// it goes on with zero bits and counts them, so that decoding needs no check per bit; <see cref="Overrun"/> tells afterwards.
/// </summary>
internal ref struct JpegBitReader(ReadOnlySpan<byte> data, int position)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _padding;

    /// <summary>The unread bits, the next one highest.</summary>
    public ulong Bits;

    /// <summary>How many of <see cref="Bits"/> are valid.</summary>
    public int Count;

    /// <summary>The next byte not yet taken into <see cref="Bits"/>; never beyond a marker.</summary>
    public int Position { get; private set; } = position;

    /// <summary>Whether more bits were consumed than the data held.</summary>
    public readonly bool Overrun => Count < _padding;

    /// <summary>Whether the bits ended at the end of the data and not at a marker.</summary>
    public readonly bool AtEndOfData => Position >= _data.Length - 1;

    /// <summary>Fills <see cref="Bits"/> to at least 57 bits.</summary>
    public void Fill()
    {
        if (Position + 8 <= _data.Length && Count <= 56)
        {
            ulong next = BinaryPrimitives.ReadUInt64BigEndian(_data[Position..]);

            // Nonzero where one of the eight bytes is FF.
            if (((~next - 0x0101010101010101UL) & next & 0x8080808080808080UL) == 0)
            {
                // Bits beyond the whole bytes counted are the ones that the next fill writes again.
                Bits |= next >> Count;
                int bytes = (64 - Count) >> 3;
                Count += bytes << 3;
                Position += bytes;
                return;
            }
        }

        FillByByte();
    }

    /// <summary>Takes <paramref name="count"/> bits, 1 to 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Take(int count)
    {
        if (Count < count) Fill();
        int value = (int)(Bits >> (64 - count));
        Bits <<= count;
        Count -= count;
        return value;
    }

    /// <summary>Decodes one symbol.</summary>
    /// <returns>The symbol, or -1 where the bits are no code.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Decode(JpegHuffmanTable table)
    {
        if (Count < 16) Fill();
        int entry = table.Lookup[(int)(Bits >> (64 - JpegHuffmanTable.LookupBits))];
        if (entry != 0)
        {
            Bits <<= entry >> 8;
            Count -= entry >> 8;
            return entry & 255;
        }

        int symbol = table.DecodeLong((int)(Bits >> 48), out int length);
        Bits <<= length;
        Count -= length;
        return symbol;
    }

    /// <summary>Takes a value of <paramref name="size"/> bits and extends its sign (T.81, F.2.2.1); 0 for size 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TakeSigned(int size)
    {
        if (size == 0) return 0;
        int raw = Take(size);
        return raw < 1 << (size - 1) ? raw - (1 << size) + 1 : raw;
    }

    /// <summary>Drops what is left before a restart marker and steps over it.</summary>
    /// <param name="number">The number expected, 0 to 7.</param>
    /// <returns>Whether that marker follows.</returns>
    public bool Restart(int number)
    {
        Bits = 0;
        Count = 0;
        _padding = 0;
        while (Position + 1 < _data.Length)
        {
            if (_data[Position] == 0xFF && _data[Position + 1] is not (0 or 0xFF))
            {
                if (_data[Position + 1] != 0xD0 + number) return false;
                Position += 2;
                return true;
            }

            Position++;
        }

        return false;
    }

    private void FillByByte()
    {
        while (Count <= 56)
        {
            ulong next = 0;
            if (Position >= _data.Length) _padding += 8;
            else
            {
                next = _data[Position];
                if (next != 0xFF) Position++;
                else if (Position + 1 < _data.Length && _data[Position + 1] == 0) Position += 2;
                else
                {
                    next = 0;
                    _padding += 8;
                }
            }

            Bits |= next << (56 - Count);
            Count += 8;
        }
    }
}
