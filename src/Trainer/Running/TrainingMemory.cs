using IlgpuSpp.Engine.Cpu;

namespace IlgpuSpp.Training;

/// <summary>How much device memory training needs, found by planning a pass for one image in host memory.</summary>
internal static class TrainingMemory
{
    /// <summary>Bytes of activations and gradients for every image of a batch.</summary>
    public static long BytesPerImage(Layer root, int size)
    {
        using var host = new CpuBackend(new CpuOptions { Threads = 1 });
        using var plan = new PassPlan(host, PassMode.Training);
        using Tensor input = host.Allocate(new Shape(1, size, size, 3));
        LayerContext context = root.Plan(input, plan);
        root.PlanBackward(context, plan.Allocate(context.Output.Shape), plan, needInputGradient: false);
        return plan.Bytes + input.Count * sizeof(float);
    }

    /// <summary>The refusal of a batch, with the one that would fit where there is one.</summary>
    public static DeviceMemoryException Explain(DeviceMemoryException refused, Model model, TrainerOptions options)
    {
        int states = options.Optimiser == OptimiserKind.AdamW ? 2 : 1;
        int copies = 2 + states + (options.EmaDecay > 0 ? 1 : 0);
        long fixedBytes = copies * sizeof(float) * model.Network.ParameterCount;
        long perImage = options.Sizes.Sum(size => BytesPerImage(model.Network.Root, size));
        long fits = (refused.HeldBytes + refused.AvailableBytes - fixedBytes) / perImage;
        string advice = fits < 1
            ? FormattableString.Invariant($"not even one image of {options.Sizes.Max()} pixels fits beside {model.Description.Architecture}'s parameters; use a smaller network or size, or another device")
            : FormattableString.Invariant($"a batch of {Math.Min(fits, Math.Max(1, options.BatchSize - 1))} would fit");
        return new DeviceMemoryException(refused.Device, refused.RequestedBytes, refused.HeldBytes, refused.AvailableBytes, refused, advice);
    }
}
