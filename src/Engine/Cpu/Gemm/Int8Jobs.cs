using System.Runtime.Intrinsics;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>What turns a row's bytes back into numbers: x ≈ scale·(byte − zero).</summary>
internal struct RowScale
{
    public float Scale;

    /// <summary>The byte that stands for 0: 0 where the row has nothing below 0.</summary>
    public int Zero;
}

/// <summary>Rounds rows to bytes from 0 to 127, one scale a row. An item is a row; those behind the last are zeros.</summary>
internal unsafe struct RoundRowsJob : ICountedJob
{
    // Symmetric about the zero: from 1 to 127.
    private const int SignedZero = 64;

    public float* X;
    public byte* Bytes;
    public RowScale* Scales;
    public int Rows, Inputs, PaddedRows;

    /// <summary>Bytes from one row to the next; zeros behind the inputs.</summary>
    public nint Stride;

    public readonly int Items => PaddedRows;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        byte* to = Bytes + item * Stride;
        if (item >= Rows)
        {
            new Span<byte>(to, (int)Stride).Clear();
            return;
        }
        float* row = X + item * (nint)Inputs;
        Vector256<float> lows = default, highs = default;
        int i = 0;
        for (; i <= Inputs - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<float> values = Vector256.Load(row + i);
            lows = Vector256.Min(lows, values);
            highs = Vector256.Max(highs, values);
        }
        float low = 0, high = 0;
        for (int lane = 0; lane < Vector256<float>.Count; lane++) (low, high) = (MathF.Min(low, lows[lane]), MathF.Max(high, highs[lane]));
        for (; i < Inputs; i++) (low, high) = (MathF.Min(low, row[i]), MathF.Max(high, row[i]));
        int zero = low < 0 ? SignedZero : 0, steps = PackedInt8.LargestCode - zero;
        float largest = MathF.Max(high, -low), inverse = float.IsPositiveInfinity(steps / largest) ? 0 : steps / largest;
        Scales[item] = new RowScale { Scale = largest / steps, Zero = zero };
        i = 0;
        for (; i <= Inputs - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            Vector256<ushort> first = Vector256.Narrow(Steps(row + i, inverse, zero), Steps(row + i + 8, inverse, zero));
            Vector256<ushort> second = Vector256.Narrow(Steps(row + i + 16, inverse, zero), Steps(row + i + 24, inverse, zero));
            Vector256.Narrow(first, second).Store(to + i);
        }
        for (; i < Inputs; i++) to[i] = (byte)(MathF.Round(row[i] * inverse) + zero);
        new Span<byte>(to + Inputs, (int)(Stride - Inputs)).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Steps(float* values, float inverse, int zero) =>
        (Vector256.ConvertToInt32(Vector256.Round(Vector256.Load(values) * inverse)) + Vector256.Create(zero)).AsUInt32();
}

/// <summary>Packs rows of weights into panels <c>[in/4][16][4]</c> of codes. An item is a panel.</summary>
internal unsafe struct PackInt8Job : ICountedJob
{
    public float* Weights;
    public sbyte* Panels;

    /// <summary>One an output, up to whole panels.</summary>
    public float* Scales;

    /// <summary>Sums of an output's codes, as many.</summary>
    public int* Sums;

    /// <summary>One row of codes a worker.</summary>
    public sbyte* Scratch;

    public int Inputs, Outputs;

    public readonly int Quads => (Inputs + Int8Kernels.Quad - 1) / Int8Kernels.Quad;

    public readonly int Items => (Outputs + Int8Kernels.Outputs - 1) / Int8Kernels.Outputs;

    public readonly void Run(int item, int worker)
    {
        sbyte* panel = Panels + item * (nint)Quads * Int8Kernels.Quad * Int8Kernels.Outputs, codes = Scratch + worker * (nint)Inputs;
        new Span<sbyte>(panel, Quads * Int8Kernels.Quad * Int8Kernels.Outputs).Clear();
        for (int lane = 0; lane < Int8Kernels.Outputs; lane++)
        {
            int output = item * Int8Kernels.Outputs + lane, sum = 0;
            float scale = 0;
            if (output < Outputs)
            {
                scale = PackedInt8.Encode(new ReadOnlySpan<float>(Weights + output * (nint)Inputs, Inputs), new Span<sbyte>(codes, Inputs));
                for (int i = 0; i < Inputs; i++)
                {
                    panel[(i / Int8Kernels.Quad * Int8Kernels.Outputs + lane) * Int8Kernels.Quad + i % Int8Kernels.Quad] = codes[i];
                    sum += codes[i];
                }
            }
            (Scales[output], Sums[output]) = (scale, sum);
        }
    }
}

/// <summary>y = f(x·wᵀ + bias) from rows of bytes and panels of codes. An item is a panel of outputs.</summary>
internal unsafe struct Int8Job : ICountedJob
{
    /// <summary>Rows whose sums a worker keeps at a time.</summary>
    public const int RowsAtATime = 40 * Int8Kernels.Rows;

    // Inputs of a panel that stay in the first-level cache while the rows go by.
    private const int Segment = 1024;

    public Int8Kernels Kernels;
    public byte* X;
    public RowScale* RowScales;
    public sbyte* Panels;
    public float* Scales, Bias, Y;
    public int* Sums, Scratch;
    public nint Stride;
    public int Rows, Inputs, Outputs;
    public Activation Activation;

    /// <summary>Numbers of scratch memory for one worker.</summary>
    public const int ScratchLength = RowsAtATime * Int8Kernels.Outputs;

    public readonly int Items => (Outputs + Int8Kernels.Outputs - 1) / Int8Kernels.Outputs;

    /// <summary>Whether rows are taken in tiles; a few are cheaper one by one.</summary>
    public static bool IsTiled(int rows) => rows > 2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int quads = (Inputs + Int8Kernels.Quad - 1) / Int8Kernels.Quad, abreast = IsTiled(Rows) ? Int8Kernels.Rows : 1;
        sbyte* panel = Panels + item * (nint)quads * Int8Kernels.Quad * Int8Kernels.Outputs;
        int* sums = Scratch + worker * (nint)ScratchLength;
        for (int first = 0; first < Rows; first += RowsAtATime)
        {
            int rows = Math.Min(RowsAtATime, Rows - first);
            new Span<int>(sums, ScratchLength).Clear();
            for (int quad = 0; quad < quads; quad += Segment / Int8Kernels.Quad)
            {
                int depth = Math.Min(Segment / Int8Kernels.Quad, quads - quad);
                for (int row = 0; row < rows; row += abreast)
                    Kernels.Add(X + (first + row) * Stride + quad * Int8Kernels.Quad, Stride, abreast, panel + (nint)quad * Int8Kernels.Quad * Int8Kernels.Outputs, depth, sums + row * Int8Kernels.Outputs);
            }
            for (int row = 0; row < rows; row++) Store(item * Int8Kernels.Outputs, first + row, sums + row * Int8Kernels.Outputs);
        }
    }

    private readonly void Store(int output, int row, int* sums)
    {
        float* y = Y + row * (nint)Outputs;
        for (int last = Math.Min(Outputs, output + Int8Kernels.Outputs); output < last; output++, sums++)
        {
            float value = (*sums - RowScales[row].Zero * Sums[output]) * (RowScales[row].Scale * Scales[output]);
            y[output] = Activation.Apply(Bias is null ? value : value + Bias[output]);
        }
    }
}
