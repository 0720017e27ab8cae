namespace IlgpuSpp.Training;

/// <summary>Ends a run when the error has not improved for a number of measurements.</summary>
/// <param name="patience">The number; 0 never ends it.</param>
internal sealed class EarlyStopping(int patience)
{
    private State _state = new(double.PositiveInfinity, 0);

    /// <summary>Whether the run should end.</summary>
    public bool ShouldStop => patience > 0 && _state.Waited >= patience;

    /// <summary>Takes note of a measurement.</summary>
    /// <param name="error">Validation error, 0 to 1.</param>
    public void Observe(double error) =>
        _state = error < _state.Lowest ? new State(error, 0) : _state with { Waited = _state.Waited + 1 };

    /// <summary>What has been observed, as JSON.</summary>
    public string SaveState() => RunJson.Write(_state);

    /// <summary>Restores what <see cref="SaveState"/> gave.</summary>
    /// <param name="state">The JSON.</param>
    public void LoadState(string state) => _state = RunJson.Read<State>(state) ?? _state;

    internal sealed record State(double Lowest, int Waited);
}
