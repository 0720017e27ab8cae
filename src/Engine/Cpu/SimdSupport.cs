using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace IlgpuSpp.Engine.Cpu;

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
