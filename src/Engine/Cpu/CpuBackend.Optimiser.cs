namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    protected override void RunSgdUpdate(ReadOnlySpan<OptimiserSlot> slots, SgdStep step)
    {
        using Borrowed block = RentSlots(slots.Length);
        SlotList list = Describe(slots, block, step.LearningRate, step.WeightDecay, out int items);
        var map = new SgdMap
        {
            Momentum = step.Momentum, GradientScale = step.GradientScale,
            Nesterov = step.Nesterov, ClearGradient = step.ClearGradient,
        };
        RunVector(new SlotMapJob<SgdMap> { List = list, Map = map }, items);
    }

    protected override void RunAdamWUpdate(ReadOnlySpan<OptimiserSlot> slots, AdamWStep step)
    {
        using Borrowed block = RentSlots(slots.Length);
        SlotList list = Describe(slots, block, step.LearningRate, step.WeightDecay, out int items);
        var map = new AdamWMap
        {
            Beta1 = step.Beta1, Beta2 = step.Beta2, Rest1 = (float)(1.0 - step.Beta1), Rest2 = (float)(1.0 - step.Beta2),
            Epsilon = step.Epsilon, GradientScale = step.GradientScale, ClearGradient = step.ClearGradient,
            Correction1 = (float)(1 / (1 - Math.Pow(step.Beta1, step.Step))),
            Correction2 = (float)(1 / (1 - Math.Pow(step.Beta2, step.Step))),
        };
        RunVector(new SlotMapJob<AdamWMap> { List = list, Map = map }, items);
    }

    protected override void RunExponentialAverage(ReadOnlySpan<Tensor> averages, ReadOnlySpan<Tensor> values, float decay)
    {
        using Borrowed block = RentSlots(averages.Length);
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
        RunVector(new SlotMapJob<ExponentialAverageMap> { List = list, Map = new ExponentialAverageMap(decay) }, items);
    }

    private Borrowed RentSlots(int count) => _memory.Borrow((long)count * sizeof(SlotMemory) / sizeof(float));

    private SlotList Describe(ReadOnlySpan<OptimiserSlot> slots, Borrowed block, float learningRate, float weightDecay, out int items)
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
