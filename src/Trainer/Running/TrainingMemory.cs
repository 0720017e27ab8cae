namespace IlgpuSpp.Training;

/// <summary>How much device memory training needs, found by planning a pass for one image without memory.</summary>
internal static class TrainingMemory
{
    /// <summary>Bytes of activations and gradients for every image of a batch.</summary>
    public static long BytesPerImage(Network network, int size, bool recompute = false)
    {
        var input = new Shape(1, size, size, 3);
        Layer root = recompute ? Recomputed.Chain(network.Root, input, Bytes) : network.Root;
        return Bytes(root) + input.Count * sizeof(float);

        long Bytes(Layer layers) => NetworkPass.BytesOf(network.Backend, layers, input);
    }

    /// <summary>The refusal of a batch, with the one that would fit where there is one.</summary>
    public static DeviceMemoryException Explain(DeviceMemoryException refused, Model model, TrainerOptions options)
    {
        int states = options.Optimiser == OptimiserKind.AdamW ? 2 : 1;
        int copies = 2 + states + (options.EmaDecay > 0 ? 1 : 0);
        long fixedBytes = copies * sizeof(float) * model.Network.ParameterCount;
        long perImage = options.Sizes.Sum(size => BytesPerImage(model.Network, size, options.Recompute));
        long fits = (refused.HeldBytes + refused.AvailableBytes - fixedBytes) / perImage;
        string advice = fits < 1
            ? FormattableString.Invariant($"not even one image of {options.Sizes.Max()} pixels fits beside {model.Description.Architecture}'s parameters; use a smaller network or size, {(options.Recompute ? "" : "compute activations again on the way back, ")}or another device")
            : FormattableString.Invariant($"a batch of {Math.Min(fits, Math.Max(1, options.BatchSize - 1))} would fit{(options.Recompute ? "" : ", and a larger one where activations are computed again on the way back")}");
        return new DeviceMemoryException(refused.Device, refused.RequestedBytes, refused.HeldBytes, refused.AvailableBytes, refused, advice);
    }
}
