using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

internal sealed partial class IlgpuBackend
{
    private Action<AcceleratorStream, Index1D, ArrayView<float>, float, float, PhiloxKey>? _uniform, _normal;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, float, float, PhiloxKey>? _dropout;

    protected override void RunFillUniform(Tensor y, float low, float high, RandomKey key)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        ElementKernel(ref _uniform, nameof(FillUniform), static () => RandomKernels.FillUniform)
            (_stream, Blocks(y), View(y), low, high - low, Key(key));
    }

    protected override void RunFillNormal(Tensor y, float mean, float deviation, RandomKey key)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        ElementKernel(ref _normal, nameof(FillNormal), static () => RandomKernels.FillNormal)
            (_stream, Blocks(y), View(y), mean, deviation, Key(key));
    }

    protected override void RunDropoutForward(Tensor x, Tensor y, float rate, RandomKey key)
    {
        Drop(x, y, rate, key);
    }

    protected override void RunDropoutBackward(Tensor dy, Tensor dx, float rate, RandomKey key)
    {
        Drop(dy, dx, rate, key);
    }

    private void Drop(Tensor x, Tensor y, float rate, RandomKey key)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        ElementKernel(ref _dropout, nameof(DropoutForward), static () => RandomKernels.Dropout)
            (_stream, Blocks(y), View(x), View(y), rate, 1 / (1 - rate), Key(key));
    }

    private int Blocks(Tensor tensor) => (int)(((long)Count(tensor.Shape) + 3) / 4);

    private static PhiloxKey Key(RandomKey key) =>
        new() { SeedLow = (uint)key.Seed, SeedHigh = (uint)(key.Seed >> 32), Stream = key.Stream, Step = key.Step };
}

/// <summary>A <see cref="RandomKey"/> as a kernel takes it.</summary>
internal struct PhiloxKey
{
    public uint SeedLow, SeedHigh, Stream, Step;
}

/// <summary>
/// Random fills and dropout, one thread a block of four elements. The words are those of
/// <see cref="IlgpuSpp.Engine.Philox"/>, bit for bit.
/// </summary>
internal static class RandomKernels
{
    private struct Words
    {
        public uint X, Y, Z, W;
    }

    public static void FillUniform(Index1D block, ArrayView<float> y, float low, float range, PhiloxKey key)
    {
        Words words = Draw(block, key);
        int count = y.IntLength - 4 * block;
        y[4 * block] = low + range * ToUniform(words.X);
        if (count > 1) y[4 * block + 1] = low + range * ToUniform(words.Y);
        if (count > 2) y[4 * block + 2] = low + range * ToUniform(words.Z);
        if (count > 3) y[4 * block + 3] = low + range * ToUniform(words.W);
    }

    public static void FillNormal(Index1D block, ArrayView<float> y, float mean, float deviation, PhiloxKey key)
    {
        Words words = Draw(block, key);
        int count = y.IntLength - 4 * block;
        float radius = deviation * MathF.Sqrt(-2 * DeviceMath.Log(1 - ToUniform(words.X)));
        float angle = ToUniform(words.Y);
        y[4 * block] = mean + radius * DeviceMath.CosTurns(angle);
        if (count > 1) y[4 * block + 1] = mean + radius * DeviceMath.SinTurns(angle);
        if (count > 2)
        {
            radius = deviation * MathF.Sqrt(-2 * DeviceMath.Log(1 - ToUniform(words.Z)));
            angle = ToUniform(words.W);
            y[4 * block + 2] = mean + radius * DeviceMath.CosTurns(angle);
            if (count > 3) y[4 * block + 3] = mean + radius * DeviceMath.SinTurns(angle);
        }
    }

    public static void Dropout(Index1D block, ArrayView<float> x, ArrayView<float> y, float rate, float scale, PhiloxKey key)
    {
        Words words = Draw(block, key);
        int at = 4 * block, count = y.IntLength - at;
        y[at] = ToUniform(words.X) >= rate ? x[at] * scale : 0;
        if (count > 1) y[at + 1] = ToUniform(words.Y) >= rate ? x[at + 1] * scale : 0;
        if (count > 2) y[at + 2] = ToUniform(words.Z) >= rate ? x[at + 2] * scale : 0;
        if (count > 3) y[at + 3] = ToUniform(words.W) >= rate ? x[at + 3] * scale : 0;
    }

    private static float ToUniform(uint word) => (int)(word >> 8) * (1f / 16777216f);

    private static Words Draw(int block, PhiloxKey key)
    {
        uint c0 = (uint)block, c1 = 0, c2 = key.Stream, c3 = key.Step, k0 = key.SeedLow, k1 = key.SeedHigh;
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = 0xD2511F53UL * c0, p1 = 0xCD9E8D57UL * c2;
            uint n0 = (uint)(p1 >> 32) ^ c1 ^ k0, n2 = (uint)(p0 >> 32) ^ c3 ^ k1;
            c1 = (uint)p1;
            c3 = (uint)p0;
            c0 = n0;
            c2 = n2;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        return new Words { X = c0, Y = c1, Z = c2, W = c3 };
    }
}
