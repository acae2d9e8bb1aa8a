using System.Buffers;
using FedValue.Kernels;

namespace FedValue.Federation.Aggregation;

/// <summary>
/// sum_i coefficients[i] x_(members[i]) of a round's updates, part by part, so that what is computed from it needs no vector of d doubles: for
/// one <c>foreach</c>, whose parts are valid until the next one.
/// </summary>
readonly ref struct CombinationParts(RoundUpdates updates, ReadOnlySpan<int> members, double[] coefficients)
{
    readonly RoundUpdates _updates = updates;
    readonly ReadOnlySpan<int> _members = members;
    readonly double[] _coefficients = coefficients;

    public Enumerator GetEnumerator() => new(this);

    /// <summary>Those numbers of the vector from <see cref="Start"/> to before <see cref="End"/>, under their places in the whole.</summary>
    public readonly ref struct Part(int start, ReadOnlySpan<double> values)
    {
        readonly ReadOnlySpan<double> _values = values;

        public int Start => start;

        public int End => start + _values.Length;

        public double this[int i] => _values[i - start];
    }

    public ref struct Enumerator(CombinationParts parts)
    {
        readonly CombinationParts _parts = parts;
        readonly double[] _values = ArrayPool<double>.Shared.Rent(Math.Min(RoundCombination.PartLength, parts._updates.Rows.Length));
        long _start = -RoundCombination.PartLength;

        public readonly Part Current => new((int)_start, _values.AsSpan(0, Length));

        readonly int Length => (int)Math.Min(RoundCombination.PartLength, _parts._updates.Rows.Length - _start);

        public bool MoveNext()
        {
            _start += RoundCombination.PartLength;
            RoundUpdates updates = _parts._updates;
            if (_start >= updates.Rows.Length)
                return false;
            RoundCombination.Of(
                updates.Rows, _parts._members, _parts._coefficients, (int)_start, _values.AsSpan(0, Length), updates.Cancellation);
            return true;
        }

        public readonly void Dispose() => ArrayPool<double>.Shared.Return(_values);
    }
}
