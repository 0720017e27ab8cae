namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>Decodes a scan of a progressive frame (T.81, annex G) into the components' coefficients.</summary>
internal ref struct JpegProgressiveScan(JpegFrame frame, JpegScan scan, ImageErrors errors)
{
    private readonly JpegFrame _frame = frame;
    private readonly JpegScan _scan = scan;
    private readonly ImageErrors _errors = errors;
    private int _endOfBandRun;

    /// <summary>Decodes the whole scan.</summary>
    /// <param name="reader">The entropy-coded data; left behind it.</param>
    public void Decode(ref JpegBitReader reader)
    {
        var restart = new JpegRestartCounter(_scan, _errors);
        int wide = _scan.McusWide(_frame), high = _scan.McusHigh(_frame);
        bool alone = _scan.Components.Length == 1;
        for (int mcuY = 0; mcuY < high; mcuY++)
        {
            for (int mcuX = 0; mcuX < wide; mcuX++)
            {
                if (restart.Advance(ref reader)) _endOfBandRun = 0;
                foreach (JpegComponent component in _scan.Components)
                {
                    int across = alone ? 1 : component.H, down = alone ? 1 : component.V;
                    for (int v = 0; v < down; v++)
                    {
                        for (int h = 0; h < across; h++)
                        {
                            int at = (((mcuY * down) + v) * component.PaddedBlocksWide) + (mcuX * across) + h;
                            DecodeBlock(component, ref reader, component.Coefficients.AsSpan(at * 64, 64));
                        }
                    }
                }
            }

            JpegRestartCounter.ThrowIfOverrun(ref reader, _errors);
        }
    }

    private void DecodeBlock(JpegComponent component, ref JpegBitReader reader, Span<short> block)
    {
        if (_scan.First == 0)
        {
            if (_scan.High == 0) DcFirst(component, ref reader, block);
            else if (reader.Take(1) != 0) block[0] |= (short)(1 << _scan.Low);
        }
        else if (_scan.High == 0) AcFirst(component.AcTable!, ref reader, block);
        else AcRefine(component.AcTable!, ref reader, block);
    }

    private readonly void DcFirst(JpegComponent component, ref JpegBitReader reader, Span<short> block)
    {
        int size = reader.Decode(component.DcTable!);
        if ((uint)size > 15) throw NotACode(ref reader);
        component.DcPredictor += reader.TakeSigned(size);
        block[0] = (short)(component.DcPredictor << _scan.Low);
    }

    private void AcFirst(JpegHuffmanTable table, ref JpegBitReader reader, Span<short> block)
    {
        if (_endOfBandRun > 0)
        {
            _endOfBandRun--;
            return;
        }

        ReadOnlySpan<byte> zigzag = JpegZigzag.ToNatural;
        for (int k = _scan.First; k <= _scan.Last; k++)
        {
            int symbol = reader.Decode(table);
            if (symbol < 0) throw NotACode(ref reader);
            int run = symbol >> 4, size = symbol & 15;
            if (size != 0)
            {
                k += run;
                if (k > _scan.Last) throw NotACode(ref reader);
                block[zigzag[k]] = (short)(reader.TakeSigned(size) << _scan.Low);
            }
            else if (run == 15) k += 15;
            else
            {
                _endOfBandRun = (1 << run) - 1 + (run > 0 ? reader.Take(run) : 0);
                return;
            }
        }
    }

    private void AcRefine(JpegHuffmanTable table, ref JpegBitReader reader, Span<short> block)
    {
        short bit = (short)(1 << _scan.Low);
        ReadOnlySpan<byte> zigzag = JpegZigzag.ToNatural;
        int k = _scan.First;
        if (_endOfBandRun == 0)
        {
            for (; k <= _scan.Last; k++)
            {
                int symbol = reader.Decode(table);
                if (symbol < 0 || (symbol & 15) > 1) throw NotACode(ref reader);
                int run = symbol >> 4;
                short fresh = 0;
                if ((symbol & 15) == 1) fresh = reader.Take(1) != 0 ? bit : (short)-bit;
                else if (run < 15)
                {
                    _endOfBandRun = (1 << run) + (run > 0 ? reader.Take(run) : 0);
                    break;
                }

                // The run counts zero coefficients; those with a history get one more bit on the way.
                for (; k <= _scan.Last; k++)
                {
                    ref short coefficient = ref block[zigzag[k]];
                    if (coefficient != 0) Refine(ref coefficient, ref reader, bit);
                    else if (run-- == 0)
                    {
                        coefficient = fresh;
                        break;
                    }
                }
            }
        }

        if (_endOfBandRun > 0)
        {
            for (; k <= _scan.Last; k++)
            {
                ref short coefficient = ref block[zigzag[k]];
                if (coefficient != 0) Refine(ref coefficient, ref reader, bit);
            }

            _endOfBandRun--;
        }
    }

    private static void Refine(ref short coefficient, ref JpegBitReader reader, short bit)
    {
        if (reader.Take(1) != 0 && (coefficient & bit) == 0) coefficient += coefficient > 0 ? bit : (short)-bit;
    }

    private readonly DataFormatException NotACode(ref JpegBitReader reader) =>
        reader.AtEndOfData ? _errors.Truncated("in the middle of a scan") : _errors.Corrupt("the Huffman-coded data is not valid");
}
