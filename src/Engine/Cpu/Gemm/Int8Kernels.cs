using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>How a processor adds the products of four neighbouring bytes to each 32-bit sum.</summary>
internal interface IByteSums
{
    /// <summary>sums[i] + Σ a[4i + j]·b[4i + j] over j from 0 to 3. The numbers of a are at most 127, so that two products fit 16 bits.</summary>
    static abstract Vector256<int> Add(Vector256<int> sums, Vector256<byte> a, Vector256<sbyte> b);
}

/// <summary>AVX-VNNI: one instruction.</summary>
internal readonly struct VnniByteSums : IByteSums
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sums, Vector256<byte> a, Vector256<sbyte> b) => AvxVnni.MultiplyWideningAndAdd(sums, a, b);
}

/// <summary>AVX2: pairs to 16 bits, pairs of these to 32.</summary>
internal readonly struct Avx2ByteSums : IByteSums
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sums, Vector256<byte> a, Vector256<sbyte> b) =>
        Avx2.Add(sums, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(a, b), Vector256<short>.One));
}

/// <summary>Any processor: the four bytes of every sum one after the other, by shifts.</summary>
internal readonly struct PlainByteSums : IByteSums
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sums, Vector256<byte> a, Vector256<sbyte> b)
    {
        Vector256<int> x = a.AsInt32(), w = b.AsInt32();
        for (int shift = 24; shift >= 0; shift -= 8) sums += (x << shift >>> 24) * (w << shift >> 24);
        return sums;
    }
}

/// <summary>The products of bytes of one instruction set. Unmanaged, so that jobs can hold it.</summary>
internal readonly unsafe struct Int8Kernels
{
    /// <summary>Rows of inputs that the large tile takes.</summary>
    public const int Rows = 6;

    /// <summary>Outputs of a tile and of a packed panel.</summary>
    public const int Outputs = 16;

    /// <summary>Inputs that lie side by side in a panel, <c>[in/4][16][4]</c>.</summary>
    public const int Quad = 4;

    private delegate*<byte*, nint, sbyte*, int, int*, void> OfRows { get; init; }

    private delegate*<byte*, nint, sbyte*, int, int*, void> OfRow { get; init; }

    /// <summary>The kernels for an instruction set. All give the same sums.</summary>
    public static Int8Kernels For(SimdLevel level) =>
        level < SimdLevel.Avx2 ? Make<PlainByteSums>() : AvxVnni.IsSupported ? Make<VnniByteSums>() : Make<Avx2ByteSums>();

    private static Int8Kernels Make<TSums>()
        where TSums : struct, IByteSums => new() { OfRows = &Int8Kernel<TSums>.SixRows, OfRow = &Int8Kernel<TSums>.OneRow };

    /// <summary>Adds products of rows and one panel to sums.</summary>
    /// <param name="x">The first row.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    /// <param name="rows"><see cref="Rows"/>, or 1.</param>
    /// <param name="panel">The panel.</param>
    /// <param name="quads">Inputs over four.</param>
    /// <param name="sums"><c>[rows][16]</c>.</param>
    public void Add(byte* x, nint stride, int rows, sbyte* panel, int quads, int* sums)
    {
        if (rows == Rows) OfRows(x, stride, panel, quads, sums);
        else OfRow(x, stride, panel, quads, sums);
    }
}

/// <summary>The tiles: 16 outputs are two vectors, and six rows of them leave four of 16 registers for what is multiplied.</summary>
internal static unsafe class Int8Kernel<TSums>
    where TSums : struct, IByteSums
{
    private const int Lanes = 8, QuadBytes = Int8Kernels.Quad * Int8Kernels.Outputs;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SixRows(byte* x, nint stride, sbyte* panel, int quads, int* sums)
    {
        Vector256<int> a0 = Vector256.Load(sums), a1 = Vector256.Load(sums + Lanes), b0 = Vector256.Load(sums + 2 * Lanes), b1 = Vector256.Load(sums + 3 * Lanes);
        Vector256<int> c0 = Vector256.Load(sums + 4 * Lanes), c1 = Vector256.Load(sums + 5 * Lanes), d0 = Vector256.Load(sums + 6 * Lanes), d1 = Vector256.Load(sums + 7 * Lanes);
        Vector256<int> e0 = Vector256.Load(sums + 8 * Lanes), e1 = Vector256.Load(sums + 9 * Lanes), f0 = Vector256.Load(sums + 10 * Lanes), f1 = Vector256.Load(sums + 11 * Lanes);
        byte* low = x, high = x + 3 * stride;
        for (int quad = 0; quad < quads; quad++, low += Int8Kernels.Quad, high += Int8Kernels.Quad, panel += QuadBytes)
        {
            Vector256<sbyte> w0 = Vector256.Load(panel), w1 = Vector256.Load(panel + QuadBytes / 2);
            Vector256<byte> row = Broadcast(low);
            a0 = TSums.Add(a0, row, w0);
            a1 = TSums.Add(a1, row, w1);
            row = Broadcast(low + stride);
            b0 = TSums.Add(b0, row, w0);
            b1 = TSums.Add(b1, row, w1);
            row = Broadcast(low + 2 * stride);
            c0 = TSums.Add(c0, row, w0);
            c1 = TSums.Add(c1, row, w1);
            row = Broadcast(high);
            d0 = TSums.Add(d0, row, w0);
            d1 = TSums.Add(d1, row, w1);
            row = Broadcast(high + stride);
            e0 = TSums.Add(e0, row, w0);
            e1 = TSums.Add(e1, row, w1);
            row = Broadcast(high + 2 * stride);
            f0 = TSums.Add(f0, row, w0);
            f1 = TSums.Add(f1, row, w1);
        }
        a0.Store(sums);
        a1.Store(sums + Lanes);
        b0.Store(sums + 2 * Lanes);
        b1.Store(sums + 3 * Lanes);
        c0.Store(sums + 4 * Lanes);
        c1.Store(sums + 5 * Lanes);
        d0.Store(sums + 6 * Lanes);
        d1.Store(sums + 7 * Lanes);
        e0.Store(sums + 8 * Lanes);
        e1.Store(sums + 9 * Lanes);
        f0.Store(sums + 10 * Lanes);
        f1.Store(sums + 11 * Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OneRow(byte* x, nint stride, sbyte* panel, int quads, int* sums)
    {
        Vector256<int> even0 = Vector256.Load(sums), even1 = Vector256.Load(sums + Lanes), odd0 = default, odd1 = default;
        int quad = 0;
        for (; quad <= quads - 2; quad += 2, x += 2 * Int8Kernels.Quad, panel += 2 * QuadBytes)
        {
            Vector256<byte> row = Broadcast(x), next = Broadcast(x + Int8Kernels.Quad);
            even0 = TSums.Add(even0, row, Vector256.Load(panel));
            even1 = TSums.Add(even1, row, Vector256.Load(panel + QuadBytes / 2));
            odd0 = TSums.Add(odd0, next, Vector256.Load(panel + QuadBytes));
            odd1 = TSums.Add(odd1, next, Vector256.Load(panel + 3 * (QuadBytes / 2)));
        }
        if (quad < quads)
        {
            odd0 = TSums.Add(odd0, Broadcast(x), Vector256.Load(panel));
            odd1 = TSums.Add(odd1, Broadcast(x), Vector256.Load(panel + QuadBytes / 2));
        }
        (even0 + odd0).Store(sums);
        (even1 + odd1).Store(sums + Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Broadcast(byte* quad) => Vector256.Create(*(int*)quad).AsByte();
}
