using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>One parameter's memory as an optimiser kernel sees it.</summary>
internal struct ParameterSlot
{
    public ArrayView<float> Value, Gradient, First, Second;
    public float LearningRate, Decay;

    /// <summary>Number of the first group that works on this parameter.</summary>
    public int FirstGroup;
}

/// <summary>
/// The parameters of one launch. They travel as a kernel argument: a table in device memory cannot hold views on every
/// kind of device. Unused slots repeat the last one with an unreachable <see cref="ParameterSlot.FirstGroup"/>.
/// </summary>
internal struct ParameterTable
{
    /// <summary>Parameters of a launch; 16 take 1.3 KB of the 4 KB that CUDA allows for arguments.</summary>
    public const int Capacity = 16;

    public ParameterSlot S0, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S14, S15;

    /// <summary>Sets a slot, on the host.</summary>
    public void Set(int index, ParameterSlot slot)
    {
        switch (index)
        {
            case 0: S0 = slot; break;
            case 1: S1 = slot; break;
            case 2: S2 = slot; break;
            case 3: S3 = slot; break;
            case 4: S4 = slot; break;
            case 5: S5 = slot; break;
            case 6: S6 = slot; break;
            case 7: S7 = slot; break;
            case 8: S8 = slot; break;
            case 9: S9 = slot; break;
            case 10: S10 = slot; break;
            case 11: S11 = slot; break;
            case 12: S12 = slot; break;
            case 13: S13 = slot; break;
            case 14: S14 = slot; break;
            case 15: S15 = slot; break;
            default: throw new ArgumentOutOfRangeException(nameof(index));
        }
    }

    /// <summary>The slot that a group works on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ParameterSlot Of(int group)
    {
        ParameterSlot slot = S0;
        if (group >= S1.FirstGroup) slot = S1;
        if (group >= S2.FirstGroup) slot = S2;
        if (group >= S3.FirstGroup) slot = S3;
        if (group >= S4.FirstGroup) slot = S4;
        if (group >= S5.FirstGroup) slot = S5;
        if (group >= S6.FirstGroup) slot = S6;
        if (group >= S7.FirstGroup) slot = S7;
        if (group >= S8.FirstGroup) slot = S8;
        if (group >= S9.FirstGroup) slot = S9;
        if (group >= S10.FirstGroup) slot = S10;
        if (group >= S11.FirstGroup) slot = S11;
        if (group >= S12.FirstGroup) slot = S12;
        if (group >= S13.FirstGroup) slot = S13;
        if (group >= S14.FirstGroup) slot = S14;
        if (group >= S15.FirstGroup) slot = S15;
        return slot;
    }
}
