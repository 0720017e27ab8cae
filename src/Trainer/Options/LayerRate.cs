namespace IlgpuSpp.Training;

/// <summary>Layers that learn faster or slower than the rest of the network.</summary>
/// <param name="Layers">A layer's name, or a pattern with <c>*</c> for any characters.</param>
/// <param name="Multiplier">Multiplies the learning rate, above 0; frozen layers are named by <see cref="TrainerOptions.FrozenLayers"/>.</param>
public sealed record LayerRate(string Layers, double Multiplier);
