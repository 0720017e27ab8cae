using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

internal sealed partial class IlgpuBackend
{
    private Action<AcceleratorStream, KernelConfig, ParameterTable, SgdNumbers>? _sgd;
    private Action<AcceleratorStream, KernelConfig, ParameterTable, AdamWNumbers>? _adamW;
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, float>> _average = new();

    protected override void RunSgdUpdate(ReadOnlySpan<OptimiserSlot> slots, SgdStep step)
    {
        var numbers = new SgdNumbers
        {
            LearningRate = step.LearningRate,
            Momentum = step.Momentum,
            WeightDecay = step.WeightDecay,
            GradientScale = step.GradientScale,
            Nesterov = step.Nesterov ? 1 : 0,
            ClearGradient = step.ClearGradient ? 1 : 0,
        };
        Step(ref _sgd, nameof(SgdUpdate), static () => OptimiserKernels.Sgd, slots, numbers);
    }

    protected override void RunAdamWUpdate(ReadOnlySpan<OptimiserSlot> slots, AdamWStep step)
    {
        var numbers = new AdamWNumbers
        {
            LearningRate = step.LearningRate,
            Beta1 = step.Beta1,
            Beta2 = step.Beta2,
            Epsilon = step.Epsilon,
            WeightDecay = step.WeightDecay,
            GradientScale = step.GradientScale,
            Correction1 = (float)(1 / (1 - Math.Pow(step.Beta1, step.Step))),
            Correction2 = (float)(1 / (1 - Math.Pow(step.Beta2, step.Step))),
            ClearGradient = step.ClearGradient ? 1 : 0,
        };
        Step(ref _adamW, nameof(AdamWUpdate), static () => OptimiserKernels.AdamW, slots, numbers);
    }

    private void Step<TStep>(
        ref Action<AcceleratorStream, KernelConfig, ParameterTable, TStep>? launcher, string name, Func<Delegate> kernel, ReadOnlySpan<OptimiserSlot> slots, TStep numbers)
    {
        using var scope = Enter();
        for (int done = 0; done < slots.Length; done += ParameterTable.Capacity)
        {
            var (table, groups) = TableOf(slots.Slice(done, Math.Min(ParameterTable.Capacity, slots.Length - done)));
            if (groups > 0) GroupKernel(ref launcher, name, kernel)(_stream, RowConfig(groups), table, numbers);
        }
    }

    protected override void RunExponentialAverage(ReadOnlySpan<Tensor> averages, ReadOnlySpan<Tensor> values, float decay)
    {
        using var scope = Enter();
        for (int i = 0; i < averages.Length; i++)
        {
            if (averages[i].Count == 0) continue;
            bool four = Fours(Count(averages[i].Shape), averages[i], values[i]);
            ElementKernel(_average, four, nameof(ExponentialAverage), static four => four ? ElementwiseKernels.Average<Four> : ElementwiseKernels.Average<One>)
                (_stream, Packs(four, Count(averages[i].Shape)), View(averages[i]), View(values[i]), decay);
        }
    }

    private (ParameterTable Table, int Groups) TableOf(ReadOnlySpan<OptimiserSlot> slots)
    {
        var table = default(ParameterTable);
        int groups = 0;
        for (int i = 0; i < ParameterTable.Capacity; i++)
        {
            OptimiserSlot slot = slots[Math.Min(i, slots.Length - 1)];
            table.Set(i, new ParameterSlot
            {
                Value = View(slot.Value),
                Gradient = View(slot.Gradient),
                First = ViewOrUnused(slot.FirstState),
                Second = ViewOrUnused(slot.SecondState),
                LearningRate = slot.LearningRateMultiplier,
                Decay = slot.DecayMultiplier,
                FirstGroup = i < slots.Length ? groups : int.MaxValue,
            });
            if (i < slots.Length) groups += (int)((Count(slot.Value.Shape) + (long)OptimiserKernels.Run - 1) / OptimiserKernels.Run);
        }
        return (table, groups);
    }
}

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

/// <summary>What a step does to one element of a parameter.</summary>
internal interface IOptimiserStep
{
    void Update(ParameterSlot slot, int i);
}

/// <summary>An SGD step's numbers.</summary>
internal struct SgdNumbers : IOptimiserStep
{
    public float LearningRate, Momentum, WeightDecay, GradientScale;
    public int Nesterov, ClearGradient;

    public readonly void Update(ParameterSlot slot, int i)
    {
        float w = slot.Value[i];
        float g = GradientScale * slot.Gradient[i] + WeightDecay * slot.Decay * w;
        float before = slot.First[i];
        float v = Momentum * before + LearningRate * slot.LearningRate * g;
        slot.First[i] = v;
        slot.Value[i] = Nesterov != 0 ? w - ((1 + Momentum) * v - Momentum * before) : w - v;
        if (ClearGradient != 0) slot.Gradient[i] = 0;
    }
}

/// <summary>An AdamW step's numbers; the corrections are 1 / (1 − βᵗ).</summary>
internal struct AdamWNumbers : IOptimiserStep
{
    public float LearningRate, Beta1, Beta2, Epsilon, WeightDecay, GradientScale, Correction1, Correction2;
    public int ClearGradient;

    public readonly void Update(ParameterSlot slot, int i)
    {
        float w = slot.Value[i];
        float g = GradientScale * slot.Gradient[i];
        float m = Beta1 * slot.First[i] + (1 - Beta1) * g;
        float v = Beta2 * slot.Second[i] + (1 - Beta2) * g * g;
        slot.First[i] = m;
        slot.Second[i] = v;
        float direction = m * Correction1 / (MathF.Sqrt(v * Correction2) + Epsilon);
        slot.Value[i] = w - LearningRate * slot.LearningRate * (direction + WeightDecay * slot.Decay * w);
        if (ClearGradient != 0) slot.Gradient[i] = 0;
    }
}

/// <summary>All parameters in one launch: every group works on one run of one parameter.</summary>
internal static class OptimiserKernels
{
    /// <summary>Elements of a group's run.</summary>
    public const int Run = 2048;

    public static void Sgd(ParameterTable table, SgdNumbers step) => Step(table, step);

    public static void AdamW(ParameterTable table, AdamWNumbers step) => Step(table, step);

    private static void Step<TStep>(ParameterTable table, TStep step)
        where TStep : struct, IOptimiserStep
    {
        ParameterSlot slot = table.Of(Grid.IdxX);
        int first = (Grid.IdxX - slot.FirstGroup) * Run;
        int last = slot.Value.IntLength - first > Run ? first + Run : slot.Value.IntLength;
        for (int i = first + Group.IdxX; i < last; i += Group.DimX) step.Update(slot, i);
    }
}
