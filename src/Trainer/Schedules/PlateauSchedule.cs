namespace IlgpuSpp.Training;

/// <summary>The paper's schedule (section 3.1): the learning rate is lowered when the error stops improving, a few times at most.</summary>
/// <param name="factor">What it is multiplied by each time, in (0, 1).</param>
/// <param name="patience">Measurements without a new lowest error that are waited for, at least 1.</param>
/// <param name="drops">How often it is lowered at most.</param>
internal sealed class PlateauSchedule(double factor, int patience, int drops) : LearningRateSchedule
{
    private State _state = new(double.PositiveInfinity, 0, 0);

    /// <summary>How often the learning rate has been lowered.</summary>
    public int Drops => _state.Drops;

    /// <inheritdoc/>
    public override double FactorAt(SchedulePosition position) => Math.Pow(factor, _state.Drops);

    /// <inheritdoc/>
    public override void Observe(double error)
    {
        if (error < _state.Lowest)
        {
            _state = _state with { Lowest = error, Waited = 0 };
            return;
        }
        _state = _state with { Waited = _state.Waited + 1 };
        if (_state.Waited < patience || _state.Drops >= drops) return;
        _state = _state with { Waited = 0, Drops = _state.Drops + 1 };
    }

    /// <inheritdoc/>
    public override string SaveState() => RunJson.Write(_state);

    /// <inheritdoc/>
    public override void LoadState(string state) => _state = RunJson.Read<State>(state) ?? _state;

    internal sealed record State(double Lowest, int Waited, int Drops);
}
