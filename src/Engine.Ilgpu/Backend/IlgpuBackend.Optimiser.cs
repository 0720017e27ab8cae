using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

public sealed partial class IlgpuBackend
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
        using var scope = Enter();
        for (int done = 0; done < slots.Length; done += ParameterTable.Capacity)
        {
            var (table, groups) = TableOf(slots.Slice(done, Math.Min(ParameterTable.Capacity, slots.Length - done)));
            if (groups == 0) continue;
            GroupKernel(ref _sgd, nameof(SgdUpdate), static () => OptimiserKernels.Sgd)
                (_stream, RowConfig(groups), table, numbers);
        }
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
        using var scope = Enter();
        for (int done = 0; done < slots.Length; done += ParameterTable.Capacity)
        {
            var (table, groups) = TableOf(slots.Slice(done, Math.Min(ParameterTable.Capacity, slots.Length - done)));
            if (groups == 0) continue;
            GroupKernel(ref _adamW, nameof(AdamWUpdate), static () => OptimiserKernels.AdamW)
                (_stream, RowConfig(groups), table, numbers);
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
