using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>Transposes small blocks that lie in the first-level cache.</summary>
internal static unsafe class BlockTranspose
{
    /// <summary>target[c·rows + r] = source[r·stride + c] for r below rows and c below columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TLanes>(float* source, int stride, float* target, int rows, int columns)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        if (rows == 1)
        {
            new Span<float>(source, columns).CopyTo(new Span<float>(target, columns));
            return;
        }
        int c = 0;
        if (TLanes.Count > 1)
        {
            for (; c + 4 <= columns; c += 4)
            {
                int r = 0;
                for (; r + 4 <= rows; r += 4) Tile(source + r * stride + c, stride, target + c * rows + r, rows);
                for (; r < rows; r++)
                    for (int i = 0; i < 4; i++)
                        target[(c + i) * rows + r] = source[r * stride + c + i];
            }
        }
        for (; c < columns; c++)
            for (int r = 0; r < rows; r++)
                target[c * rows + r] = source[r * stride + c];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile(float* source, int stride, float* target, int rows)
    {
        Vector128<float> a = Vector128.Load(source), b = Vector128.Load(source + stride);
        Vector128<float> c = Vector128.Load(source + 2 * stride), d = Vector128.Load(source + 3 * stride);
        Vector128<double> ab0 = Low(a, b), ab1 = High(a, b), cd0 = Low(c, d), cd1 = High(c, d);
        LowPairs(ab0, cd0).Store(target);
        HighPairs(ab0, cd0).Store(target + rows);
        LowPairs(ab1, cd1).Store(target + 2 * rows);
        HighPairs(ab1, cd1).Store(target + 3 * rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Low(Vector128<float> a, Vector128<float> b) =>
        (Sse.IsSupported ? Sse.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b)).AsDouble();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> High(Vector128<float> a, Vector128<float> b) =>
        (Sse.IsSupported ? Sse.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b)).AsDouble();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> LowPairs(Vector128<double> a, Vector128<double> b) =>
        (Sse2.IsSupported ? Sse2.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> HighPairs(Vector128<double> a, Vector128<double> b) =>
        (Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b)).AsSingle();
}
