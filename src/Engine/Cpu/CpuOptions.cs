using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>The widest instruction set the CPU backend may use.</summary>
public enum SimdLevel
{
    /// <summary>The widest that the processor offers.</summary>
    Auto,

    /// <summary>No vectors.</summary>
    Scalar,

    /// <summary>128-bit vectors (SSE4.1, AdvSimd).</summary>
    Vector128,

    /// <summary>256-bit vectors with fused multiply-add.</summary>
    Avx2,

    /// <summary>512-bit vectors.</summary>
    Avx512,
}

/// <summary>How the CPU backend works.</summary>
public sealed record CpuOptions
{
    /// <summary>Worker threads, the caller's included; 0 means one for each processor.</summary>
    public int Threads { get; init; }

    /// <summary>The widest instruction set to use; more than the processor offers is refused.</summary>
    public SimdLevel Simd { get; init; }

    /// <summary>
    /// Convolutions are computed as plain sums of products, without the Winograd transform, whose relative error is
    /// about ten times larger.
    /// </summary>
    public bool ExactConvolution { get; init; }

    /// <summary>
    /// The same bits with every instruction set: products are rounded before they are added, never fused with the addition, and
    /// what adds up lanes goes without vectors.
    /// </summary>
    public bool DeterministicExact { get; init; }
}

/// <summary>What the processor and the runtime's settings allow.</summary>
public static class SimdSupport
{
    /// <summary>The widest level available in this process.</summary>
    public static SimdLevel Widest =>
        Avx512F.IsSupported && Avx512F.VL.IsSupported ? SimdLevel.Avx512 :
        Avx2.IsSupported && Fma.IsSupported ? SimdLevel.Avx2 :
        Vector128.IsHardwareAccelerated ? SimdLevel.Vector128 : SimdLevel.Scalar;

    /// <summary>The level to use for a request.</summary>
    /// <param name="requested">What the user asked for.</param>
    /// <exception cref="DeviceException">The processor does not offer it.</exception>
    public static SimdLevel Resolve(SimdLevel requested)
    {
        if (requested == SimdLevel.Auto) return Widest;
        return requested <= Widest
            ? requested
            : throw new DeviceException("cpu", $"{requested} is not offered by this processor or was switched off; the widest level here is {Widest}.");
    }
}
