using IlgpuSpp.Engine;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;

namespace IlgpuSpp.Training;

/// <summary>
/// Gradient descent with momentum and weight decay, in Caffe's order (<see cref="Backend.SgdUpdate"/>); late in the training the learning rate is
/// divided by ten. The velocities are saved with a checkpoint.
/// </summary>
internal sealed class MomentumDescent : IDisposable
{
    private const string VelocitySuffix = ".velocity";

    private readonly Backend _backend;
    private readonly IWindowTrainingOptions _options;
    private readonly Parameter[] _trained;
    private readonly List<Tensor> _velocities = [];
    private readonly OptimiserSlot[] _slots;

    /// <summary>Takes up parameters at rest.</summary>
    /// <param name="backend">Where they lie.</param>
    /// <param name="parameters">Parameters; those without a gradient are left alone.</param>
    /// <param name="options">Rates and number of updates.</param>
    public MomentumDescent(Backend backend, IEnumerable<Parameter> parameters, IWindowTrainingOptions options)
    {
        (_backend, _options) = (backend, options);
        _trained = [.. parameters.Where(parameter => parameter.GradientOrNull is not null)];
        try
        {
            foreach (Parameter parameter in _trained)
            {
                _velocities.Add(backend.Allocate(parameter.Shape));
                backend.Fill(_velocities[^1], 0);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
        _slots = [.. _trained.Select((parameter, i) => new OptimiserSlot(parameter.Value, parameter.Gradient, _velocities[i], null, parameter.LearningRateMultiplier, parameter.DecayMultiplier))];
    }

    /// <summary>Changes the parameters along their gradients and sets those to zero.</summary>
    /// <param name="done">Updates before this one.</param>
    public void Step(int done)
    {
        double rate = done < _options.DropAfter * _options.Iterations ? _options.LearningRate : _options.LearningRate / 10;
        _backend.SgdUpdate(_slots, new SgdStep((float)rate, (float)_options.Momentum, (float)_options.WeightDecay, ClearGradient: true));
    }

    /// <summary>The velocities for a checkpoint, under the parameters' names.</summary>
    public IEnumerable<NamedTensor> Velocities() => _trained.Select((parameter, i) => ModelFile.ToNamedTensor(parameter, _velocities[i].ToArray(), VelocitySuffix));

    /// <summary>Reads the velocities of a checkpoint.</summary>
    /// <param name="file">The open checkpoint.</param>
    /// <param name="path">Its path, for errors.</param>
    /// <exception cref="ModelFormatException">A velocity is missing or of another shape.</exception>
    public void Restore(SafetensorsFile file, string path)
    {
        for (int i = 0; i < _trained.Length; i++) _velocities[i].Upload(ModelFile.ReadTensor(file, path, _trained[i], VelocitySuffix));
    }

    public void Dispose()
    {
        foreach (Tensor velocity in _velocities) velocity.Dispose();
    }
}
