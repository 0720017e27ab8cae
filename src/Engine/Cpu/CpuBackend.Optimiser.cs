namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public override void SgdUpdate(ReadOnlySpan<OptimiserSlot> slots, SgdStep step)
    {
        OpChecks.Slots(nameof(SgdUpdate), slots, 1);
        NativeBlock block = RentSlots(slots.Length);
        try
        {
            SlotList list = Describe(slots, block, step.LearningRate, step.WeightDecay, out int items);
            var job = new SgdJob
            {
                List = list, Momentum = step.Momentum, GradientScale = step.GradientScale,
                Nesterov = step.Nesterov, ClearGradient = step.ClearGradient,
            };
            RunVector(job, items);
        }
        finally
        {
            _memory.Return(block);
        }
    }

    /// <inheritdoc/>
    public override void AdamWUpdate(ReadOnlySpan<OptimiserSlot> slots, AdamWStep step)
    {
        OpChecks.Slots(nameof(AdamWUpdate), slots, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(step.Step, 1, nameof(step));
        NativeBlock block = RentSlots(slots.Length);
        try
        {
            SlotList list = Describe(slots, block, step.LearningRate, step.WeightDecay, out int items);
            var job = new AdamWJob
            {
                List = list, Beta1 = step.Beta1, Beta2 = step.Beta2, Rest1 = (float)(1.0 - step.Beta1), Rest2 = (float)(1.0 - step.Beta2),
                Epsilon = step.Epsilon, GradientScale = step.GradientScale, ClearGradient = step.ClearGradient,
                Correction1 = (float)(1 / (1 - Math.Pow(step.Beta1, step.Step))),
                Correction2 = (float)(1 / (1 - Math.Pow(step.Beta2, step.Step))),
            };
            RunVector(job, items);
        }
        finally
        {
            _memory.Return(block);
        }
    }

    /// <inheritdoc/>
    public override void ExponentialAverage(ReadOnlySpan<Tensor> averages, ReadOnlySpan<Tensor> values, float decay)
    {
        if (averages.Length != values.Length)
            throw new ArgumentException($"ExponentialAverage: {averages.Length} averages and {values.Length} values.", nameof(values));
        for (int i = 0; i < averages.Length; i++) OpChecks.SameCount(averages[i], values[i]);
        NativeBlock block = RentSlots(averages.Length);
        try
        {
            var list = new SlotList { Slots = (SlotMemory*)block.Pointer, Count = averages.Length };
            int items = 0;
            for (int i = 0; i < averages.Length; i++)
            {
                list.Slots[i] = new SlotMemory
                {
                    Value = Pointer(averages[i]), Gradient = Pointer(values[i]), Count = averages[i].Count, FirstItem = items,
                };
                items = checked(items + ElementChunks.Items(averages[i].Count));
            }
            RunVector(new ExponentialAverageJob { List = list, Map = new AverageMap(decay) }, items);
        }
        finally
        {
            _memory.Return(block);
        }
    }

    private NativeBlock RentSlots(int count) => _memory.Rent((long)count * sizeof(SlotMemory) / sizeof(float));

    private SlotList Describe(ReadOnlySpan<OptimiserSlot> slots, NativeBlock block, float learningRate, float weightDecay, out int items)
    {
        var list = new SlotList { Slots = (SlotMemory*)block.Pointer, Count = slots.Length };
        items = 0;
        for (int i = 0; i < slots.Length; i++)
        {
            ref readonly OptimiserSlot slot = ref slots[i];
            list.Slots[i] = new SlotMemory
            {
                Value = Pointer(slot.Value), Gradient = Pointer(slot.Gradient), First = PointerOrNull(slot.FirstState),
                Second = PointerOrNull(slot.SecondState), Count = slot.Value.Count, FirstItem = items,
                Rate = learningRate * slot.LearningRateMultiplier, Decay = weightDecay * slot.DecayMultiplier,
            };
            items = checked(items + ElementChunks.Items(slot.Value.Count));
        }
        return list;
    }
}
